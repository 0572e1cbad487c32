"""The card and the report: nothing that was measured is left out, and nothing is made up."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from convert.recipe import Card
from convert.reporting.card import card
from convert.reporting.evaluation import EvaluationError
from convert.reporting.gallery import CAPTIONS, plots_of
from convert.reporting.page import page
from convert.reporting.run_folder import Measured, read_study

ABOUT = Card(limits="- Hears made-up sounds <only>.")


@pytest.fixture(scope="module")
def markdown(measured: Measured) -> str:
    """The card."""
    return card(ABOUT, measured)


@pytest.fixture(scope="module")
def html(measured: Measured, run: Path) -> str:
    """The report."""
    return page(ABOUT, measured, run)


class Outline(HTMLParser):
    """What a page has: tags in their order, text of headings, addresses of links and pictures."""

    VOID = frozenset({"meta", "img", "!doctype"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.ids: set[str] = set()
        self.addresses: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.add(value or "")
            if name in ("href", "src"):
                self.addresses.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)


def test_the_card_names_every_table(markdown: str) -> None:
    headings = re.findall(r"^#+ (.*)$", markdown, re.MULTILINE)
    for wanted in (
        "In words",
        "How well it ranks recordings",
        "made-up minus YAMNet, on the same recordings",
        "Cries in long scenes",
        "Cries found by SNR",
        "Cries found by response",
        "Thresholds",
        "Operating points on recordings",
        "What is taken for a cry",
        "Every class of the test split, balanced point",
        "Within each source",
        "Within each bandwidth",
        "What each part of the training brought",
        "Work",
        "Float against int8",
        "Training data",
        "Limits",
    ):
        assert wanted in headings


def test_the_card_says_what_was_measured(markdown: str) -> None:
    assert "40 of 60, 66.7 %" in markdown
    assert "1 of 20, 5 % (1 to 24 %)" in markdown
    assert "cat 1/20" in markdown
    assert "60 cries of 10 babies at 0 to 20 dB over" in markdown
    assert "100 % of those that stand out by 10 dB or more" in markdown
    assert "| balanced | 0.6 / 0.3 | 90 % | 1.50 | 40 of 60, 66.7 %" in markdown
    assert re.search(r"\| source_1 \| 15 / 20 \| .* \| 15 of 15 \| 1 of 20 \|", markdown)
    assert re.search(r"\| up to 4.1 kHz \| 10 / 14 \|", markdown)
    assert "a second of audio a 13th" in markdown
    assert "| F1 | 0.9100 | 0.9050 | -0.0050 |" in markdown
    assert "| without | AUC |\n|---|---|\n| rooms | 0.91 |\n\n3 seeds." in markdown
    assert "made-up | 30 (15) / 40" in markdown
    assert "YAMNet | 3.7 M | 69.2 M | 0.48 s | 144 M" in markdown
    assert "python -m convert.evaluate --recipe r.yaml --data d\n" in markdown
    assert "training brought\npython -m convert.ablation --study s.yaml\n" in markdown


@pytest.mark.parametrize("content", ["", '{"columns": ["a"], "rows": [["b"]], "notes": ""}'])
def test_a_study_without_its_command_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "ablation.json").write_text(content)
    with pytest.raises(EvaluationError, match=r"ablation\.json: .*run python -m convert\.ablation"):
        read_study(tmp_path, "ablation")


def test_rows_are_as_wide_as_their_heads(markdown: str) -> None:
    tables = re.findall(r"(?:^\|.*\|\n)+", markdown, re.MULTILINE)
    assert len(tables) >= 14
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table


def test_the_report_is_one_page_that_needs_nothing_else(html: str) -> None:
    outline = Outline()
    outline.feed(html)
    assert outline.open == []
    assert not outline.seen & {"script", "link", "iframe", "audio"}
    assert "url(" not in html
    for address in outline.addresses:
        assert address.startswith("data:image/png;base64,") or address[1:] in outline.ids


def test_the_report_begins_with_the_points_and_names_every_section(html: str) -> None:
    outline = Outline()
    outline.feed(html)
    assert outline.headings[1] == "The operating points in words"
    assert set(outline.headings) >= {
        "Against other recordings",
        "In long scenes",
        "What is taken for a cry",
        "Plots",
        "Shortcuts",
        "Studies",
        "Cost",
        "Every class",
        "Limits",
        "Where it comes from",
    }


def test_text_of_the_recipe_is_not_markup(html: str) -> None:
    assert "made-up sounds &lt;only&gt;" in html


def test_card_and_report_tell_the_same_numbers(markdown: str, html: str) -> None:
    for cell in ("40 of 60, 66.7 %", "cat", "2.61 M", "38721"):
        assert cell in markdown
        assert cell in html


def test_every_plot_is_there_and_shows_something(run: Path, html: str) -> None:
    plots = plots_of(run)
    assert {caption for _, caption in plots} == set(CAPTIONS.values())
    for path, caption in plots:
        picture = imread(path)[..., :3]
        ink = (np.abs(picture - picture[0, 0]) > 0.1).any(axis=-1).mean()
        assert ink > 0.01, f"{path.name} is blank"
        assert caption in html
    assert html.count("<img") == len(plots)
