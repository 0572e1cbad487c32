"""Tables and numbers as a person reads them."""

from hypothesis import given
from hypothesis import strategies as st

from convert.reporting import numbers
from convert.reporting.table import Table


def test_a_table_in_both_forms() -> None:
    table = Table("Title", ("a", "b"), [("1", "x | <y>")], "Note.")
    assert table.markdown(2) == "## Title\n\n| a | b |\n|---|---|\n| 1 | x \\| <y> |\n\nNote.\n"
    html = table.html(3)
    assert html.startswith("<h3>Title</h3>")
    assert "<td>x | &lt;y&gt;</td>" in html


@given(st.lists(st.text(max_size=20), min_size=2, max_size=2))
def test_no_cell_breaks_its_row(cells: list[str]) -> None:
    lines = Table("", ("a", "b"), [cells]).markdown(2).splitlines()
    assert len(lines) >= 3
    assert lines[2].startswith("| ")


def test_counts_come_with_share_and_interval() -> None:
    assert numbers.counted(45, 50, (0.786, 0.957)) == "45 of 50, 90 % (79 to 96 %)"
    assert numbers.counted(1, 328, (0.0, 0.017)) == "1 of 328, 0.3 % (0 to 2 %)"
    assert numbers.counted(0, 0, None) == "-"


def test_nothing_is_not_negative() -> None:
    assert numbers.difference(-0.0001, (-0.02, 0.0)) == "+0.000 (-0.020 to +0.000)"
    assert numbers.points(0.153, (-0.01, 0.31)) == "+15.3 (-1.0 to +31.0)"


def test_rates_bear_their_digits() -> None:
    assert numbers.rate(3, 11.7) == "0.26"
    assert numbers.rate(360, 1.0) == "360"
    assert numbers.seconds(None) == "-"
