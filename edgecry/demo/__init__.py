"""Everything on one machine with no hardware: a synthetic ward, a broker and a drawn panel."""
