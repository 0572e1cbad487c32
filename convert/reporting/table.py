"""A table, once: the card shows it as Markdown, the report as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

LONGEST_LINE = 50
"""A cell of more characters is broken into lines."""


@dataclass(frozen=True, slots=True)
class Table:
    """title: "" where the text says what it is. note: one sentence or more under it, or ""."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def markdown(self, level: int) -> str:
        """With a heading of so many #."""
        lines = [
            "| " + " | ".join(map(_one_cell, row)) + " |" for row in (self.columns, *self.rows)
        ]
        lines.insert(1, "|" + "---|" * len(self.columns))
        heading = [f"{'#' * level} {self.title}", ""] if self.title else []
        return "\n".join([*heading, *lines, "", *([self.note, ""] if self.note else [])])

    def html(self, level: int) -> str:
        """With a heading of this level."""
        heading = f"<h{level}>{escape(self.title)}</h{level}>\n" if self.title else ""
        head = "".join(f"<th>{escape(c)}</th>" for c in self.columns)
        body = "\n".join("<tr>" + "".join(map(_html_cell, row)) + "</tr>" for row in self.rows)
        note = f"<p class=note>{escape(self.note)}</p>\n" if self.note else ""
        return (
            f"{heading}<div class=wide><table><thead><tr>{head}</tr></thead>\n"
            f"<tbody>{body}</tbody></table></div>\n{note}"
        )


def _one_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _html_cell(text: str) -> str:
    kind = " class=long" if len(text) > LONGEST_LINE else ""
    return f"<td{kind}>{escape(text)}</td>"
