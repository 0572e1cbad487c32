"""The monitor's own record of what happened: append-only files of JSON lines under `state_dir`.

Files and not SQLite, which keeps the outbox, because a journal is only ever appended to and must be
read when things are at their worst:

- damage stays where it is: each line carries its own checksum, so that a torn or rotten one costs
  that line, where a damaged page of a database costs whatever hangs on it;
- it can be read while the daemon writes, by a user who may only read, from a card that can no
  longer be written, and without edgecry: SQLite's WAL needs a reader who may write beside it;
- a line makes ext4 write 6 kB to the card; an event that is put into the outbox, 16 kB (measured).

Bounds: at most SEGMENTS files of SEGMENT_BYTES each, the oldest is deleted for the next. A day of
500 lines is 0.27 MB of text and 3 MB written to the card.

Durability: a batch is written by one thread and is safe once fdatasync has returned; lines are
synced as soon as they come, because the ones before a power cut are those that will be asked for,
and alarms are rare enough for the card. Nobody waits for it: up to CAPACITY lines wait in memory
while the disk cannot be written, more are dropped, and a line of kind `lost` counts them.

entries: what may be written down. line: one line and its checksum. segments: the files and their
bounds. writer: the durable end. recorder: the thread that owns it. reader: the other end.
"""

from edgecry.outputs.journal.reader import JournalReader
from edgecry.outputs.journal.recorder import Journal
from edgecry.outputs.journal.segments import journal_folder

__all__ = ["Journal", "JournalReader", "journal_folder"]
