"""The outbox: first in, first out, over restarts, kills and dead SD cards."""

import logging
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.messages import event

from edgecry.clock import ManualClock
from edgecry.outputs.outbox import Outbox


def ids(outbox: Outbox) -> list[str]:
    return [message.event_id for message in outbox.pending(after_seq=0, limit=1000)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outbox.sqlite"


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for `make_read_only`; a mount of its own if root, who ignores permissions."""
    folder = tmp_path / "card"
    folder.mkdir()
    if os.geteuid() == 0:
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
        if subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("root may not mount here, and root ignores permissions")
    yield folder
    if os.geteuid() == 0:
        subprocess.run(["umount", "-l", folder], check=True)
    else:
        folder.chmod(0o755)


def make_read_only(folder: Path) -> None:
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    else:
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)


class TestFifo:
    def test_events_come_out_in_order_with_their_number(self, path: Path) -> None:
        outbox = Outbox(path, ManualClock())
        assert [outbox.put(event(name)) for name in "abc"] == [1, 2, 3]

        pending = outbox.pending(after_seq=1, limit=10)

        assert [(message.seq, message.event_id) for message in pending] == [(2, "b"), (3, "c")]
        assert len(outbox.pending(after_seq=0, limit=2)) == 2

    def test_what_was_deleted_is_gone_and_counted(self, path: Path) -> None:
        outbox = Outbox(path, ManualClock())
        for name in "abc":
            outbox.put(event(name))

        outbox.delete([1, 3, 99])

        assert ids(outbox) == ["b"]
        assert outbox.depth == 1

    def test_the_number_counts_up_over_restarts_even_when_empty(self, path: Path) -> None:
        outbox = Outbox(path, ManualClock())
        outbox.delete([outbox.put(event("a")), outbox.put(event("b"))])
        outbox.close()

        again = Outbox(path, ManualClock())

        assert (again.depth, again.last_seq) == (0, 2)
        assert again.put(event("c")) == 3

    def test_the_oldest_events_age_outlives_a_restart(self, path: Path) -> None:
        clock = ManualClock()
        outbox = Outbox(path, clock)
        assert outbox.oldest_age_s() is None
        outbox.put(event("a"))
        clock.advance(60.0)
        outbox.put(event("b"))
        outbox.close()

        again = Outbox(path, clock)

        assert again.oldest_age_s() == pytest.approx(60.0)

    def test_when_full_the_oldest_go_and_it_is_said(
        self, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        outbox = Outbox(path, ManualClock(), capacity=3)
        for name in "abcde":
            outbox.put(event(name))

        assert ids(outbox) == ["c", "d", "e"]
        assert (outbox.depth, outbox.dropped) == (3, 2)
        assert len([r for r in caplog.records if "check the network" in r.message]) == 1

    @pytest.mark.parametrize("body", [b"{}", b"not json", b'{"event_id": "\xff"}', b""])
    def test_an_event_that_cannot_be_read_does_not_block_the_others(
        self, path: Path, body: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        outbox = Outbox(path, ManualClock())
        for name in "abc":
            outbox.put(event(name))
        outbox.close()
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE event SET body = CAST(? AS TEXT) WHERE seq = 2", (body,))

        again = Outbox(path, ManualClock())

        assert ids(again) == ["a", "c"]
        assert again.depth == 2
        assert "event 2 cannot be read" in caplog.text


PUTS_FOR_EVER = """
    import sys
    from pathlib import Path
    from edgecry.clock import SystemClock
    from edgecry.outputs.outbox import Outbox
    from support.messages import event
    outbox = Outbox(Path(sys.argv[1]), SystemClock())
    for number in range(1_000_000):
        outbox.put(event(str(number)))
        sys.stdout.write(f"{number}\\n")
        sys.stdout.flush()
"""


def test_what_put_returned_survives_a_power_cut(card) -> None:
    """ext4 with its own journal and delayed allocation, as on the card of a Raspberry Pi."""
    child = python(PUTS_FOR_EVER, card.folder / "outbox.db")
    assert child.stdout
    try:
        for more in (1, 4, 40):
            for _ in range(more):
                said = int(child.stdout.readline()) + 1
            with (
                card.after_power_cut() as folder,
                closing(Outbox(folder / "outbox.db", ManualClock())) as outbox,
            ):
                assert outbox.durable
                assert ids(outbox)[:said] == [str(number) for number in range(said)]
    finally:
        child.kill()
        child.communicate()


def test_what_put_returned_survives_kill_9(path: Path) -> None:
    child = python(PUTS_FOR_EVER, path)
    assert child.stdout
    for _ in range(20):
        child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    said = 20 + len(child.stdout.read().splitlines())
    child.wait(10)

    stored = ids(Outbox(path, ManualClock()))

    assert stored[:said] == [str(number) for number in range(said)]


class TestDamage:
    @pytest.mark.parametrize(
        "content",
        [b"this is not a database" * 100, b"SQLite format 3\0" + bytes(range(256)) * 64],
        ids=["text", "torn"],
    )
    def test_a_file_that_is_no_database_is_moved_aside(
        self, path: Path, content: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        path.parent.mkdir()
        path.write_bytes(content)

        outbox = Outbox(path, ManualClock())

        assert outbox.put(event("a")) == 1
        assert outbox.durable
        assert path.with_name("outbox.sqlite.corrupt-1").read_bytes() == content
        assert [r.levelno for r in caplog.records] == [logging.ERROR]
        assert "corrupt-1" in caplog.text

    @pytest.mark.parametrize(
        "table",
        [
            "event (theirs TEXT)",
            "event (seq INTEGER PRIMARY KEY AUTOINCREMENT, theirs TEXT)",
            "event (seq TEXT DEFAULT 'x', stored_utc_s TEXT DEFAULT 'y', body DEFAULT 'z', theirs)",
        ],
    )
    def test_somebody_elses_database_is_moved_aside_unharmed(self, path: Path, table: str) -> None:
        path.parent.mkdir()
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(f"CREATE TABLE {table}")
            db.execute("INSERT INTO event (theirs) VALUES ('precious')")

        outbox = Outbox(path, ManualClock())

        assert outbox.put(event("a")) > 0
        assert outbox.durable
        assert ids(outbox) == ["a"]
        with closing(sqlite3.connect(path.with_name("outbox.sqlite.corrupt-1"))) as theirs, theirs:
            assert theirs.execute("SELECT theirs FROM event").fetchall() == [("precious",)]

    def test_a_second_damage_does_not_overwrite_the_first(self, path: Path) -> None:
        path.parent.mkdir()
        for number in (1, 2):
            path.write_bytes(b"damage %d" % number * 100)
            Outbox(path, ManualClock()).close()

        assert path.with_name("outbox.sqlite.corrupt-1").read_bytes().startswith(b"damage 1")
        assert path.with_name("outbox.sqlite.corrupt-2").read_bytes().startswith(b"damage 2")

    def test_what_can_be_read_around_the_damage_is_kept_and_the_number_goes_on(
        self, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        names = [str(number) for number in range(200)]
        outbox = Outbox(path, ManualClock())
        for name in names:
            outbox.put(event(name))
        outbox.close()
        with path.open("r+b") as file:
            file.seek(15 * 4096)
            file.write(b"\xa5" * 2 * 4096)

        again = Outbox(path, ManualClock())

        assert again.durable
        kept = ids(again)
        assert kept == [name for name in names if name in set(kept)]
        assert {names[0], names[-1]} <= set(kept)
        assert 100 < again.depth < 200
        assert again.put(event("next")) == 201
        assert f"the {len(kept)} event(s) that could be read" in caplog.text


class TestDeadCard:
    def test_a_read_only_card_at_start(
        self, read_only_folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = read_only_folder / "outbox.sqlite"
        before = Outbox(path, ManualClock())
        for name in "abc":
            before.put(event(name))
        before.delete([1])
        before.close()
        make_read_only(read_only_folder)

        outbox = Outbox(path, ManualClock())

        assert not outbox.durable
        assert ids(outbox) == ["b", "c"]
        assert outbox.put(event("d")) == 4
        assert "check free space, permissions, the SD card" in caplog.text

    def test_a_card_that_turns_read_only_after_a_power_cut_with_a_wal_left(
        self, read_only_folder: Path
    ) -> None:
        path = read_only_folder / "outbox.sqlite"
        program = """
            import os, sys
            from pathlib import Path
            from edgecry.clock import SystemClock
            from edgecry.outputs.outbox import Outbox
            from support.messages import event
            outbox = Outbox(Path(sys.argv[1]), SystemClock())
            outbox.put(event("a"))
            outbox.put(event("b"))
            os._exit(0)
        """
        assert python(program, path).wait(20) == 0
        assert path.with_name("outbox.sqlite-wal").stat().st_size > 0
        make_read_only(read_only_folder)

        outbox = Outbox(path, ManualClock())

        assert not outbox.durable
        assert ids(outbox) == ["a", "b"]
        assert outbox.put(event("c")) == 3

    def test_no_folder_and_no_way_to_make_one(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")

        outbox = Outbox(tmp_path / "file" / "outbox.sqlite", ManualClock())

        assert not outbox.durable
        assert outbox.put(event("a")) == 1
        assert ids(outbox) == ["a"]

    def test_a_folder_that_may_not_even_be_looked_into(self, tmp_path: Path) -> None:
        """A name that is too long fails at every call, for root too."""
        outbox = Outbox(tmp_path / ("x" * 300) / "outbox.sqlite", ManualClock())

        assert not outbox.durable
        assert outbox.put(event("a")) == 1
        assert ids(outbox) == ["a"]

    def test_what_a_stop_loses_is_said(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "file").write_text("in the way")
        outbox = Outbox(tmp_path / "file" / "outbox.sqlite", ManualClock())
        delivered = outbox.put(event("a"))
        outbox.put(event("b"))
        outbox.delete([delivered])

        outbox.close()

        assert "stopped with 1 event(s) that were not delivered" in caplog.text

    def test_a_disk_that_fills_up_while_running(self, path: Path) -> None:
        """A file size limit makes write(2) fail as a full disk does."""
        program = """
            import logging, resource, sys
            from pathlib import Path
            from edgecry.clock import SystemClock
            from edgecry.outputs.outbox import Outbox
            from support.messages import event
            logging.basicConfig(stream=sys.stderr)
            outbox = Outbox(Path(sys.argv[1]), SystemClock())
            seqs = [outbox.put(event(str(number))) for number in range(10)]
            assert outbox.durable
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            seqs += [outbox.put(event(str(number))) for number in range(10, 300)]
            assert not outbox.durable
            assert seqs == list(range(1, 301)), seqs
            assert [m.event_id for m in outbox.pending(0, 999)] == [str(n) for n in range(300)]
            assert outbox.depth == 300
            outbox.delete(seqs)
            assert outbox.pending(0, 999) == []
            outbox.close()
        """
        child = python(program, path, stderr=subprocess.PIPE)
        _, said = child.communicate(timeout=30)

        assert child.returncode == 0, said
        assert said.count("check free space") == 1

    def test_a_second_daemon_does_not_send_the_firsts_events(self, path: Path) -> None:
        first = Outbox(path, ManualClock())
        first.put(event("a"))

        second = Outbox(path, ManualClock())

        assert not second.durable
        assert ids(second) == []
        assert first.durable
        assert first.put(event("b")) == 2


def python(program: str, *arguments: Path, stderr: int | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
    )


class OutboxMachine(RuleBasedStateMachine):
    """The outbox beside a list, reopened now and then."""

    capacity = 5

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "outbox.sqlite"
        self._outbox = Outbox(self._path, ManualClock(), capacity=self.capacity)
        self._model: list[tuple[int, str]] = []
        self._last_seq = 0

    @rule(name=st.text(max_size=5))
    def put(self, name: str) -> None:
        self._last_seq += 1
        assert self._outbox.put(event(name)) == self._last_seq
        self._model = [*self._model, (self._last_seq, name)][-self.capacity :]

    @rule(offsets=st.sets(st.integers(0, 8)))
    def delete(self, offsets: set[int]) -> None:
        seqs = {self._last_seq - offset for offset in offsets}
        self._outbox.delete(seqs)
        self._model = [(seq, name) for seq, name in self._model if seq not in seqs]

    @rule()
    def reopen(self) -> None:
        self._outbox.close()
        self._outbox = Outbox(self._path, ManualClock(), capacity=self.capacity)

    @rule(after=st.integers(0, 8), limit=st.integers(1, 8))
    def read(self, after: int, limit: int) -> None:
        pending = self._outbox.pending(self._last_seq - after, limit)
        expected = [item for item in self._model if item[0] > self._last_seq - after][:limit]
        assert [(message.seq, message.event_id) for message in pending] == expected

    @invariant()
    def counts_agree(self) -> None:
        assert self._outbox.depth == len(self._model)
        assert self._outbox.last_seq == self._last_seq
        assert self._outbox.durable

    def teardown(self) -> None:
        self._outbox.close()
        self._folder.cleanup()


TestOutboxAgainstAModel = OutboxMachine.TestCase
TestOutboxAgainstAModel.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
