"""docs/mqtt.md says of commands, results and receipts what the code does."""

import re
from pathlib import Path

import msgspec
import pytest

from edgecry.outputs.messages import HealthMessage, ResultMessage
from edgecry.outputs.mqtt.link import _LARGEST_PACKET_BYTES
from edgecry.remote import inbox
from edgecry.remote.commander import REMEMBERED, STALE_AFTER_S
from edgecry.remote.requests import COMMANDS, MAX_PAYLOAD_BYTES, RESERVED_NAMES, Command, Receipt

MANUAL = (Path(__file__).resolve().parents[2] / "docs" / "mqtt.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return MANUAL.split(f"\n## {title}\n")[1].split("\n## ")[0]


def fields(struct: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(struct)]


def tables(text: str) -> list[list[list[str]]]:
    """Every table's rows without its head, each a list of cells."""
    found = re.findall(r"^\|(?:---\|)+\n((?:^\|.*\|\n)+)", text, re.M)
    return [
        [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows.splitlines()]
        for rows in found
    ]


def test_the_verbs_and_their_own_fields() -> None:
    verbs = tables(section("Commands"))[0]
    documented = {verb: own.split("`, `") if own else [] for verb, own, _ in verbs}
    common = fields(Command)
    assert documented == {
        verb: [name for name in fields(kind) if name not in common]
        for verb, kind in COMMANDS.items()
    }


def test_the_fields_of_every_command_result_and_receipt() -> None:
    _, common, result = tables(section("Commands"))
    [receipt] = tables(section("Receipts"))
    assert [name for name, _ in common] == fields(Command)
    assert [name for name, _ in result] == fields(ResultMessage)
    assert [name for name, _ in receipt] == fields(Receipt)


@pytest.mark.parametrize(
    "words",
    [
        f"At most {inbox.COMMANDS_PER_S:g} commands a second ({inbox.COMMANDS_AT_ONCE} at once)",
        f"more than {inbox.DONE_PER_S * 60:g} a minute in the long run",
        f"{inbox.RECEIPTS_PER_S:g} receipts a second ({inbox.RECEIPTS_AT_ONCE} at once)",
        f"at most {MAX_PAYLOAD_BYTES} bytes",
        f"The newest {REMEMBERED} are remembered",
        f"waited for more than {STALE_AFTER_S:g} s",
        f"`{next(iter(RESERVED_NAMES))}` is taken",
    ],
)
def test_the_limits(words) -> None:
    assert words in " ".join(MANUAL.split())


def test_every_field_of_health_is_named() -> None:
    assert set(fields(HealthMessage)) == set(re.findall(r"`([a-z_]+)`", section("health")))


def test_the_largest_command_fits_into_the_largest_packet() -> None:
    longest_topic = 2 + 200 + 1 + 63 + len("/cmd/") + 32
    assert MAX_PAYLOAD_BYTES + longest_topic + 64 < _LARGEST_PACKET_BYTES
