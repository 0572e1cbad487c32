"""`edgecry log`: since when, in what words, and what it says of a journal that is not whole."""

import json
import re
import time
import zlib
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import journal

from edgecry import cli
from edgecry.commands.log import as_text, lines_since, since
from edgecry.errors import UsageError
from edgecry.outputs.journal.line import Line
from edgecry.outputs.journal.segments import journal_folder, segments_in
from edgecry.outputs.journal.writer import Writer

NOW = datetime(2026, 1, 31, 4, 0, tzinfo=timezone(timedelta(hours=1)))


def line(what: str, at: str = "2026-01-31T02:00:00.000Z", synced: bool = True) -> Line:
    return msgspec.structs.replace(journal.line(f"{what}ed"), what=what, at=at, clock_synced=synced)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("90s", datetime(2026, 1, 31, 2, 58, 30, tzinfo=UTC)),
        ("30min", datetime(2026, 1, 31, 2, 30, tzinfo=UTC)),
        ("8 h", datetime(2026, 1, 30, 19, 0, tzinfo=UTC)),
        ("2d", datetime(2026, 1, 29, 3, 0, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 30, 23, 0, tzinfo=UTC)),
        ("2026-01-31 03:00", datetime(2026, 1, 31, 2, 0, tzinfo=UTC)),
        ("2025-07-31 03:00", datetime(2025, 7, 31, 1, 0, tzinfo=UTC)),
        ("2026-01-31T03:00:00Z", datetime(2026, 1, 31, 3, 0, tzinfo=UTC)),
    ],
)
def test_since_is_a_time_ago_or_a_local_date(text, utc, monkeypatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Vienna")
    time.tzset()
    try:
        assert since(text, NOW) == utc
    finally:
        monkeypatch.undo()
        time.tzset()


@given(st.text(max_size=30) | st.from_regex(r"\d{1,8} ?(s|min|h|d|w)", fullmatch=True))
def test_since_is_a_moment_or_one_clear_line(text) -> None:
    try:
        assert since(text, NOW).tzinfo is not None
    except UsageError as error:
        assert "--since" in str(error)


def test_a_clock_that_went_back_hides_nothing_that_came_later() -> None:
    """A Pi without a clock of its own starts in the past until a time server is heard."""
    times = ["2026-01-31T01:00:00.000Z", "2026-01-31T02:30:00.000Z", "1970-01-01T00:00:07.000Z"]
    kept = lines_since(iter([line("start", at) for at in times]), since("1h", NOW))
    assert [each.at for each in kept] == times[1:]


def test_a_line_for_people() -> None:
    text = as_text(UTC)
    assert text(line("start")) == "2026-01-31 02:00:00  cot-1  started"
    assert text(line("start", synced=False)).startswith("2026-01-31 02:00:00? cot-1  started; ")


def test_a_start_without_a_stop_before_it_says_so() -> None:
    text = as_text(UTC)
    said = [text(line(what)) for what in ("start", "alarm", "start", "stop", "start")]
    assert ["no stop" in each for each in said] == [False, False, True, False, False]


class TestCommand:
    @pytest.fixture
    def options(self, tmp_path) -> list[str]:
        writer = Writer(journal_folder(str(tmp_path)))
        writer.append([journal.line(f"reason \x1b[31m{n}") for n in range(3)])
        writer.close()
        return ["--set", f"state_dir={tmp_path}"]

    def test_lines_for_people_cannot_steer_their_terminal(self, options, capsys) -> None:
        assert cli.main(["log", *options]) == 0
        out = capsys.readouterr()
        assert [each.split("cot-1  ")[1] for each in out.out.splitlines()] == [
            f"reason \\x1b[31m{n}" for n in range(3)
        ]
        assert out.err == ""

    def test_json_is_an_object_a_line(self, options, capsys) -> None:
        assert cli.main(["log", "--json", *options]) == 0
        said = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
        assert [each["seq"] for each in said] == [1, 2, 3]
        assert said[0]["words"] == "reason \x1b[31m0"
        assert "crc32" not in said[0]

    def test_damage_is_told_and_the_rest_shown(self, tmp_path, options, capsys) -> None:
        [(_, path)] = segments_in(journal_folder(str(tmp_path)))
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        assert cli.main(["log", *options]) == 0
        out = capsys.readouterr()
        assert len(out.out.splitlines()) == 2
        assert "1 damaged line(s) were skipped, 1 number(s) are missing" in out.err

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("facts", b"[" * 100_000 + b"]" * 100_000),
            ("facts", b"1e999999"),
            ("seq", b"1" + b"0" * 30),
            ("at", b'"9999-12-31T23:59:59.999-23:59"'),
            ("at", b'"0001-01-01T00:00:00.000+00:00"'),
            ("at", b'"2026-01-31T03:04:05.678"'),
        ],
    )
    @pytest.mark.parametrize("form", [[], ["--json"]])
    def test_a_line_that_no_monitor_writes_hides_no_other(
        self, tmp_path, options, capsys, field, value, form
    ) -> None:
        """Its checksum is right: somebody made it."""
        [(_, path)] = segments_in(journal_folder(str(tmp_path)))
        sound = path.read_bytes().splitlines(keepends=True)
        body = re.sub(
            rb'"%s":("[^"]*"|{}|\d+)' % field.encode(),
            b'"%s":%s' % (field.encode(), value),
            sound[0][len(b'{"crc32":"00000000",') : -1],
        )
        made = b'{"crc32":"%08x",%s\n' % (zlib.crc32(body), body)
        path.write_bytes(b"".join([made, *sound[1:]]))
        assert cli.main(["log", *form, *options]) == 0
        said = capsys.readouterr()
        assert len(said.out.splitlines()) == len(sound) - 1
        assert "1 damaged line(s)" in said.err

    def test_no_journal_is_one_line_that_says_where(self, tmp_path, capsys) -> None:
        assert cli.main(["log", "--set", f"state_dir={tmp_path}"]) == 1
        assert f"{tmp_path}/journal: no journal" in capsys.readouterr().err

    def test_a_wrong_since_is_wrong_usage(self, options, capsys) -> None:
        assert cli.main(["log", "--since", "yesterday-ish", *options]) == 2
        assert "--since yesterday-ish" in capsys.readouterr().err
