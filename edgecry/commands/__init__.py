"""What the commands do with recordings; `edgecry.cli` only reads the command line."""
