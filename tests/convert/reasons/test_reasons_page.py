"""docs/reasons.md says what the benchmark beside it says, and nothing is written by hand there."""

import re
from pathlib import Path

import msgspec
import pytest

from convert.reasons.approach import load_approaches
from convert.reasons.report import Benchmark, as_csv, as_json, as_markdown
from convert.reasons.results import Row
from convert.reporting import numbers

DOCS = Path(__file__).parents[3] / "docs"
TABLES = DOCS / "reasons"
PAGE = (DOCS / "reasons.md").read_text()
BENCHMARK = msgspec.json.decode((TABLES / "benchmark.json").read_bytes(), type=Benchmark)
PROTOCOL = {(row.approach, row.protocol): row for row in BENCHMARK.rows}
APPROACHES = list(dict.fromkeys(row.approach for row in BENCHMARK.rows))


def line(by_baby: Row, leaky: Row) -> str:
    """A row of the page's table."""
    published = sorted(set(by_baby.published.accuracy or ()))
    which = ["-"] * 3
    if by_baby.of_reasons is not None and leaky.of_reasons is not None:
        found = [row.of_reasons.balanced_accuracy.value for row in (leaky, by_baby)]  # type: ignore[union-attr]
        which = [numbers.share(value) for value in (*found, by_baby.of_reasons.chance)]
    cells = [
        by_baby.title,
        " to ".join(map(numbers.share, published)) or "-",
        numbers.share(leaky.figures["accuracy"].value),
        numbers.share(leaky.majority["accuracy"].value),
        numbers.share(by_baby.figures["accuracy"].value),
        numbers.share(by_baby.majority["accuracy"].value),
        *which,
    ]
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize(
    ("name", "made"),
    [("benchmark.md", as_markdown), ("benchmark.csv", as_csv), ("benchmark.json", as_json)],
)
def test_the_tables_are_as_they_were_made(name: str, made) -> None:
    assert (TABLES / name).read_text() == made(BENCHMARK)


@pytest.mark.parametrize("approach", APPROACHES)
def test_the_page_has_the_figures_of_each_approach(approach: str) -> None:
    assert line(PROTOCOL[approach, "by_baby"], PROTOCOL[approach, "leaky"]) in PAGE


def test_the_page_has_no_other_approach_and_names_those_that_are_missing() -> None:
    rows = re.findall(r"^\| .* \|$", PAGE, re.M)
    assert len(rows) == len(APPROACHES) + 1, "and the head"
    for name, approach in load_approaches().items():
        assert (name in APPROACHES) != (f"- {approach.title}\n" in PAGE), name


def test_the_plot_is_there() -> None:
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", PAGE):
        assert (DOCS / picture).is_file()
