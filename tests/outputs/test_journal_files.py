"""The journal's files: numbers, bounds, torn and rotten lines, kills, power cuts, full disks."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import journal
from support.journal import line

from edgecry.outputs.journal import JournalReader
from edgecry.outputs.journal.line import lines_in, sealed
from edgecry.outputs.journal.segments import segments_in
from edgecry.outputs.journal.writer import Writer

TEXT = st.text(max_size=40) | st.just('{"crc32":"00000000",')


def write(folder: Path, texts: list[str], **bounds: int) -> None:
    writer = Writer(folder, **bounds)
    rest = [line(each) for each in texts]
    while rest:
        rest = rest[writer.append(rest) :]
    writer.close()


def read(folder: Path) -> tuple[list[str], JournalReader]:
    reader = JournalReader(folder)
    return [each.words for each in reader.read()], reader


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal"


@given(st.lists(TEXT, max_size=20))
def test_what_was_written_is_read(texts) -> None:
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), texts)
        said, reader = read(Path(name))
    assert said == texts
    assert (reader.damaged, reader.missing) == (0, 0)


def test_numbers_go_on_over_restarts_and_are_those_of_the_lines(folder) -> None:
    write(folder, ["a", "b"])
    write(folder, ["c"])
    assert [(each.seq, each.words) for each in JournalReader(folder).read()] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
    ]


def test_it_never_grows_beyond_its_bounds_and_keeps_the_newest(folder) -> None:
    writer = Writer(folder, segment_bytes=1000, segments=3)
    for number in range(1, 101):
        writer.append([line(f"{number}")])
        files = [path for _, path in segments_in(folder)]
        assert len(files) <= 3
        assert all(path.stat().st_size <= 1000 for path in files)
    writer.close()
    said, reader = read(folder)
    assert said == [str(number) for number in range(101 - len(said), 101)]
    assert len(said) >= 2 * (1000 // len(sealed(line("100"))))
    assert (reader.damaged, reader.missing) == (0, 0)


def test_a_batch_that_is_too_long_for_one_file_goes_into_several(folder) -> None:
    texts = [str(number) for number in range(50)]
    write(folder, texts, segment_bytes=1000, segments=99)
    assert read(folder)[0] == texts
    assert len(segments_in(folder)) > 5


def test_a_second_writer_is_kept_out_until_the_first_lets_go(folder) -> None:
    first = Writer(folder)
    with pytest.raises(BlockingIOError):
        Writer(folder)
    first.close()
    Writer(folder).close()


def test_the_group_may_read_whatever_the_umask(folder) -> None:
    before = os.umask(0o077)
    try:
        write(folder, ["a"])
    finally:
        os.umask(before)
    [(_, path)] = segments_in(folder)
    assert oct(folder.stat().st_mode & 0o777) == "0o750"
    assert oct(path.stat().st_mode & 0o777) == "0o640"


class TestDamage:
    @staticmethod
    def pieces(folder: Path) -> list[bytes]:
        """Each written line with its newline, of the only file."""
        [(_, path)] = segments_in(folder)
        return path.read_bytes().splitlines(keepends=True)

    @settings(max_examples=300)
    @given(
        texts=st.lists(TEXT, min_size=1, max_size=8),
        begin=st.integers(0, 3000),
        length=st.integers(0, 600),
        rubbish=st.binary(max_size=300) | st.just(b'{"crc32":"'),
        restarted=st.booleans(),
    )
    def test_damage_costs_the_lines_that_it_touches_and_no_other(
        self, texts, begin, length, rubbish, restarted
    ) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder, texts)
            pieces = self.pieces(folder)
            [(_, path)] = segments_in(folder)
            data = path.read_bytes()
            begin = min(begin, len(data))
            end = min(begin + length, len(data))
            path.write_bytes(data[:begin] + rubbish + data[end:])
            if restarted:
                write(folder, ["after"])
            said, _ = read(folder)

        intact, at = [], 0
        for text, piece in zip(texts, pieces, strict=True):
            if at + len(piece) <= begin or at >= end:
                intact.append(text)
            at += len(piece)
        if restarted:
            assert said.pop() == "after"
        assert set(said) <= set(texts), "nothing is invented"
        assert is_subsequence(intact, said), "nothing is hidden"
        assert is_subsequence(said, texts), "nothing is told twice or out of its turn"

    @given(st.lists(st.binary(max_size=400) | st.just(sealed(line("a"))), max_size=6))
    def test_a_reader_survives_any_bytes(self, rubbish) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for number, data in enumerate(rubbish, 1):
                (folder / f"{number:015}.jsonl").write_bytes(data)
            read(folder)
            write(folder, ["after"])
            assert read(folder)[0][-1] == "after"

    @pytest.mark.parametrize("kept", range(1, 60))
    def test_a_torn_last_line_is_counted_and_hides_nothing_after_it(self, tmp_path, kept) -> None:
        write(tmp_path, ["a", "b"])
        [(_, path)] = segments_in(tmp_path)
        first, second = self.pieces(tmp_path)
        path.write_bytes(first + second[:kept])
        write(tmp_path, ["c"])
        said, reader = read(tmp_path)
        assert said == ["a", "c"]
        assert reader.damaged == 1

    def test_a_line_that_lost_only_its_newline_is_whole(self, folder) -> None:
        write(folder, ["a"])
        [(_, path)] = segments_in(folder)
        path.write_bytes(path.read_bytes()[:-1])
        write(folder, ["b"])
        said, reader = read(folder)
        assert (said, reader.damaged) == (["a", "b"], 0)

    def test_what_the_card_repeats_is_not_told_twice(self, folder) -> None:
        write(folder, ["a", "b", "c"])
        [(_, path)] = segments_in(folder)
        a, b, c = self.pieces(folder)
        path.write_bytes(a + c + a + b + c)
        said, reader = read(folder)
        assert (said, reader.damaged) == (["a", "b", "c"], 2)

    def test_a_file_that_is_gone_shows_as_missing_numbers(self, folder) -> None:
        write(folder, [str(n) for n in range(20)], segment_bytes=1000, segments=99)
        lost = segments_in(folder)[1][1]
        gone = sum(each is not None for each in lines_in(lost.read_bytes()))
        lost.unlink()
        said, reader = read(folder)
        assert (len(said), reader.missing, reader.damaged) == (20 - gone, gone, 0)

    def test_strange_neighbours_are_left_alone(self, folder) -> None:
        write(folder, ["a"])
        (folder / "notes.txt").write_text("hello")
        (folder / "000000000000000.jsonl").mkdir()
        said, reader = read(folder)
        assert (said, reader.damaged) == (["a"], 1)


def is_subsequence(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(each in rest for each in part)


class TestFollowing:
    def test_each_line_is_told_once_also_when_the_file_changes(self, folder) -> None:
        writer = Writer(folder, segment_bytes=1000, segments=3)
        reader, told = JournalReader(folder), []
        for number in range(60):
            writer.append([line(f"{number}")])
            told += [each.words for each in reader.read(growing=True)]
        writer.close()
        assert told == [str(number) for number in range(60)]
        assert (reader.damaged, reader.missing) == (0, 0)

    def test_a_line_that_has_no_end_yet_waits_for_it(self, folder) -> None:
        write(folder, ["a"])
        [(_, path)] = segments_in(folder)
        data = path.read_bytes()
        path.write_bytes(data[:30])
        reader = JournalReader(folder)
        assert list(reader.read(growing=True)) == []
        path.write_bytes(data)
        assert [each.words for each in reader.read(growing=True)] == ["a"]
        assert reader.damaged == 0


class TestPowerCut:
    @settings(max_examples=60)
    @given(
        batches=st.lists(st.integers(1, 4), min_size=1, max_size=8),
        cut=st.integers(0, 30),
        survived=st.floats(0, 1),
        rubbish=st.binary(max_size=20) | st.just(bytes(64)),
    )
    def test_what_was_acknowledged_had_been_synced(self, batches, cut, survived, rubbish) -> None:
        """The disk keeps what was synced, and of the rest some beginning with rubbish behind it."""
        with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
            folder = Path(name)
            synced: dict[str, bytes] = {}
            real = os.fdatasync
            acknowledged, calls = 0, 0

            def fdatasync(file: int) -> None:
                nonlocal calls
                calls += 1
                if calls > cut:
                    raise PowerCutError
                real(file)
                path = Path(f"/proc/self/fd/{file}").readlink()
                synced[path.name] = path.read_bytes()

            patch.setattr(os, "fdatasync", fdatasync)
            writer = Writer(folder, segment_bytes=700)
            with contextlib.suppress(PowerCutError):
                for size in batches:
                    rest = [line(f"{acknowledged + ahead}") for ahead in range(size)]
                    while rest:
                        written = writer.append(rest)
                        rest, acknowledged = rest[written:], acknowledged + written
            writer.close()
            patch.undo()
            for _, path in segments_in(folder):
                kept, there = synced.get(path.name, b""), path.read_bytes()
                if len(there) > len(kept):
                    unsynced = there[len(kept) :]
                    path.write_bytes(kept + unsynced[: int(len(unsynced) * survived)] + rubbish)
            said, _ = read(folder)
            assert said[:acknowledged] == [str(number) for number in range(acknowledged)]
            write(folder, ["after"])
            assert read(folder)[0][-1] == "after"


class PowerCutError(Exception):
    """Nothing that the writer could catch."""


def test_the_power_is_cut_under_a_real_file_system(card) -> None:
    """ext4 with its own journal and delayed allocation, as on the card of a Raspberry Pi."""
    command = [sys.executable, journal.__file__, str(card.folder / "journal"), "3000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        last = 0
        for more in (1, 4, 40):
            for _ in range(more):
                last, _ = map(int, process.stdout.readline().split())
            with card.after_power_cut() as folder:
                reader = JournalReader(folder / "journal")
                seqs = [each.seq for each in reader.read()]
                assert seqs[-1] >= last
                assert (reader.missing, len(seqs)) == (0, seqs[-1] - seqs[0] + 1)
                write(folder / "journal", ["after"])
                assert read(folder / "journal")[0][-1] == "after"
        process.kill()


def test_killed_again_and_again_it_loses_nothing_that_it_acknowledged(folder) -> None:
    acknowledged: set[int] = set()
    for kill_after in (1, 2, 5, 9, 14, 3, 30, 7):
        command = [sys.executable, journal.__file__, str(folder), "2000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(kill_after):
                last, count = map(int, process.stdout.readline().split())
                acknowledged |= set(range(last - count + 1, last + 1))
            process.kill()
            for said in process.stdout:  # written before the kill, not yet read by us
                last, count = map(int, said.split())
                acknowledged |= set(range(last - count + 1, last + 1))
    reader = JournalReader(folder)
    there = {each.seq: each.words for each in reader.read()}
    first = min(there)
    assert acknowledged - set(there) <= set(range(1, first)), "only the oldest may have gone"
    assert all(text == f"line {seq}" for seq, text in there.items()), "nothing is invented"
    assert reader.missing == 0
    assert reader.damaged <= 8, "a kill tears one line at most"


def test_read_while_another_process_writes_nothing_is_torn(folder) -> None:
    command = [sys.executable, journal.__file__, str(folder), "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        reader, told = JournalReader(folder), []
        for _ in range(50):
            process.stdout.readline()
            told += [each.seq for each in reader.read(growing=True)]
        process.kill()
    assert told == list(range(1, len(told) + 1))
    assert len(told) > 100
    assert (reader.damaged, reader.missing) == (0, 0)


def test_a_full_disk_refuses_and_takes_nothing_by_halves(small_disk) -> None:
    folder = small_disk / "journal"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(48 * 1024))
    writer, written = Writer(folder, segments=4), 0
    with pytest.raises(OSError, match="No space left"):
        for number in range(1000):
            writer.append([line(f"{number}")])
            written += 1
    writer.close()
    said, reader = read(folder)
    assert said == [str(number) for number in range(written)]
    assert (reader.damaged, reader.missing) == (0, 0)
    ballast.unlink()
    write(folder, ["room again"])
    assert read(folder)[0][-1] == "room again"


def test_a_write_cut_short_by_the_system_leaves_no_half_line(tmp_path) -> None:
    """As a full disk does where nobody may mount: RLIMIT_FSIZE makes write(2) come up short."""
    script = """
import resource, signal, sys
from pathlib import Path
from support.journal import line
from edgecry.outputs.journal.writer import Writer
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
writer, written = Writer(Path(sys.argv[1])), 0
try:
    while True:
        written += writer.append([line(str(written))])
except OSError as error:
    print(written, error.errno)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["..", os.environ.get("PYTHONPATH", "")])},
    )
    written, errno = map(int, done.stdout.split())
    assert errno == 27  # EFBIG
    said, reader = read(tmp_path)
    assert said == [str(number) for number in range(written)]
    assert (reader.damaged, reader.missing) == (0, 0)
