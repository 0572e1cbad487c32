"""docs/risk.md: every hazard is whole, and each control names tests that are there to prove it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.types import Code

TESTS = Path(__file__).resolve().parent
PAGE = (TESTS.parent / "docs" / "risk.md").read_text(encoding="utf-8")
CARD = (SHIPPED_MODELS / "cry-detector.md").read_text(encoding="utf-8")
SEVERITIES, PROBABILITIES = ("minor", "moderate", "serious"), ("rarely", "sometimes", "often")
UNPROVEN = re.compile(r"\*\*(?:no control|not proven)\*\*")
"""How a control's cell begins where nothing proves it; the ward has to do something instead."""


def duties_in(cell: str) -> set[str]:
    return set(re.findall(r"\bW\d+\b", cell))


class Hazard(NamedTuple):
    """probability: without and with its controls. left: the residual risk."""

    number: str
    hazard: str
    cause: str
    effect: str
    severity: str
    probability: str
    left: str

    def complaints(self) -> Iterator[str]:
        yield from (f"no {field}" for field, cell in self._asdict().items() if not cell)
        before, _, after = self.probability.partition(" → ")
        if self.severity not in SEVERITIES or not {before, after} <= set(PROBABILITIES):
            yield f"{self.severity}, {self.probability} is not on the scale"
            return
        if PROBABILITIES.index(after) > PROBABILITIES.index(before):
            yield "its controls make it likelier"
        accepted = after == "rarely" or (after == "sometimes" and self.severity == "minor")
        if not accepted and not duties_in(self.left):
            yield f"it stays {after}, and the ward is not told what to do"


class Control(NamedTuple):
    """numbers: of its hazards. proof: tests, or what the ward has to do instead."""

    numbers: str
    control: str
    proof: str

    @property
    def hazards(self) -> set[str]:
        return set(self.numbers.split(", "))

    def complaints(self) -> Iterator[str]:
        named = re.findall(r"`([^`]+)`", self.proof)
        if UNPROVEN.match(self.control):
            if named or not re.fullmatch(r"the ward: W\d.*", self.proof):
                yield "nothing proves it, and no duty of the ward stands instead"
        elif not self.control or not named:
            yield "no test is named"
        for node in named:
            file, _, test = node.partition("::")
            if not (TESTS / file).is_file() or test not in names_of_tests(TESTS / file):
                yield f"there is no test {node}"


class Page:
    def __init__(self, text: str) -> None:
        self._text = text
        self.hazards = [Hazard(*cells) for cells in self.rows("#", "hazard")]
        self.controls = [Control(*cells) for cells in self.rows("#", "control")]
        self.duties = set(re.findall(r"^- \*\*(W\d+) ", text, re.M))

    def rows(self, *header: str) -> list[list[str]]:
        """The rows of all tables whose header begins so."""
        found, columns = [], 0
        for line in self._text.splitlines():
            cells = [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
            if not line.startswith("|"):
                columns = 0
            elif cells[: len(header)] == list(header):
                columns = len(cells)
            elif columns and not set(line) <= set("|- "):
                assert len(cells) == columns, f"a row of {len(cells)} cells, not {columns}: {line}"
                found.append(cells)
        return found

    def complaints(self) -> Iterator[str]:
        numbers = [hazard.number for hazard in self.hazards]
        if numbers != [str(index + 1) for index in range(len(numbers))]:
            yield "the hazards are not numbered 1, 2, 3 and so on"
        for control in self.controls:
            where = f"{control.numbers}, {control.control}: "
            yield from (where + each for each in control.complaints())
            if not control.hazards <= set(numbers):
                yield where + "there is no such hazard"
        for hazard in self.hazards:
            where = f"hazard {hazard.number}: "
            yield from (where + each for each in hazard.complaints())
            mine = [control for control in self.controls if hazard.number in control.hazards]
            if not mine:
                yield where + "no row says what controls it, or that nothing does"
            owed = set().union(*(duties_in(control.proof) for control in mine))
            if not owed <= duties_in(hazard.left):
                yield where + f"what is left does not name {owed}"
        yield from self._loose_ends()

    def _loose_ends(self) -> Iterator[str]:
        used = duties_in(" ".join(hazard.left for hazard in self.hazards))
        yield from (f"{duty} is nowhere explained" for duty in used - self.duties)
        yield from (f"{duty} comes from no hazard" for duty in self.duties - used)
        named = " ".join(control.control for control in self.controls)
        yield from (f"no control is the alarm {c}" for c in get_args(Code) if f"`{c}`" not in named)


@cache
def names_of_tests(path: Path) -> frozenset[str]:
    """Node ids, without the file, of what pytest runs in a file, which is not imported."""
    found: list[str] = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=name):
                found.append(name)
            case ast.ClassDef(name=name, body=body):
                found += [
                    f"{name}::{each.name}" for each in body if isinstance(each, ast.FunctionDef)
                ]
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute(attr="TestCase")):
                found.append(f"{name}::runTest")
    return frozenset(each for each in found if re.match(r"(Test\w*::)?(test_|runTest$)", each))


def test_every_hazard_is_whole_and_every_control_is_proven_or_said_not_to_be() -> None:
    page = Page(PAGE)
    assert len(page.hazards) >= 30
    assert list(page.complaints()) == []


REAL = "flow/test_hour.py::test_a_fuss_of_under_3_s_raises_nothing_above_low"
LOUDNESS = "**no control** of loudness | the ward: W3"
UNKNOWN = "| often → often | unknown: W1, W2 |"


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        (REAL, "flow/test_hour.py::test_of_nothing", "no test flow/test_hour.py::test_of_nothing"),
        (REAL, "flow/test_nothing.py::test_a", "no test flow/test_nothing.py::test_a"),
        (REAL, "flow/test_hour.py::toll", "no test flow/test_hour.py::toll"),
        (REAL, "flow/test_hour.py", "no test flow/test_hour.py"),
        ("TestFifo::test_when_full", "test_when_full", "no test outputs/test_outbox.py::test_when"),
        ("TestWard::runTest", "TestCot::runTest", "no test decision/test_alarm_properties.py"),
        (LOUDNESS, LOUDNESS.replace("*", ""), "no test is named"),
        (LOUDNESS, LOUDNESS.replace("W3", "soon"), "no duty of the ward"),
        (LOUDNESS, LOUDNESS.replace("W3", f"W3, `{REAL}`"), "no duty of the ward"),
        (LOUDNESS, LOUDNESS.replace("W3", "W9"), "hazard 20: what is left does not name"),
        ("| nobody listens to this cot |", "|  |", "hazard 6: no effect"),
        (
            "| unplugged, driver or sound server hangs, dead USB port |",
            "|  |",
            "hazard 6: no cause",
        ),
        ("| 40 | **no control**", "| 41 | **no control**", "there is no such hazard"),
        ("| 40 | **no control**", "| 39 | **no control**", "hazard 40: no row says"),
        ("| 40 | shock", "| 41 | shock", "not numbered"),
        ("`mic-clipping`, medium", "too loud, medium", "no control is the alarm mic-clipping"),
        (UNKNOWN, "| often → often | unknown |", "the ward is not told what to do"),
        (UNKNOWN, "| often → never | W1 |", "is not on the scale"),
        ("| rarely → rarely | a wrong", "| rarely → often | W1: a wrong", "make it likelier"),
        ("**W5 Let", "**Let", "W5 is nowhere explained"),
        ("- **W9 Close", "- **W10 Hope**\n- **W9 Close", "W10 comes from no hazard"),
    ],
)
def test_what_is_wrong_with_the_page_would_be_told(good: str, bad: str, complaint: str) -> None:
    assert good in PAGE
    told = list(Page(PAGE.replace(good, bad)).complaints())
    assert any(complaint in each for each in told), told


def test_a_row_that_has_lost_a_cell_would_be_told() -> None:
    with pytest.raises(AssertionError, match="a row of 2 cells, not 3"):
        Page(PAGE.replace(LOUDNESS, "**no control** of loudness"))


def test_its_figures_are_those_of_the_card() -> None:
    points = Page(PAGE).rows("operating point")
    assert [point[0] for point in points] == ["sensitive", "balanced", "specific"]
    for name, *figures in points:
        lines = [line for line in CARD.splitlines() if line.startswith(f"| {name} |")]
        for figure in figures:
            assert any(f"| {figure} " in line for line in lines), f"{name}: {figure}"
