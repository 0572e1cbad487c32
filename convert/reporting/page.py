"""The report: one HTML file that needs nothing else, for those who must decide about a model."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from convert.recipe import Card
from convert.reporting import contents, facts, words
from convert.reporting.gallery import plots_of
from convert.reporting.run_folder import Measured
from convert.reporting.table import Table
from convert.run import REPORT

STYLE = """
:root { color-scheme: light }
body { font: 15px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff;
  max-width: 78rem; margin: 2rem auto; padding: 0 1.5rem }
h1 { font-size: 1.7rem; margin-bottom: .2rem }
h2 { font-size: 1.25rem; margin-top: 2.6rem; border-bottom: 2px solid #0072b2 }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem }
nav a { margin-right: 1rem }
a { color: #0072b2 }
.points { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem }
.points > div { border: 1px solid #ccc; border-top: 4px solid #0072b2; padding: .2rem 1rem 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .8rem; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .7rem .25rem 0; text-align: left; vertical-align: top;
  white-space: nowrap }
td.long { white-space: normal; overflow-wrap: anywhere; max-width: 40rem }
th { border-bottom: 1px solid #888 }
tbody tr:nth-child(even) { background: #f4f7fa }
.note { color: #555; font-size: .85rem; max-width: 55rem; margin-top: .4rem }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr)); gap: 1rem }
figure { margin: 0 } figure.sheet { grid-column: 1 / -1 }
img { max-width: 100%; height: auto } figcaption { color: #555; font-size: .85rem }
pre { white-space: pre-wrap; font-family: inherit }
@media print {
  .wide { overflow: visible } h2 { break-after: avoid } tr, figure { break-inside: avoid }
}
"""


def page(about: Card, m: Measured, run: Path) -> str:
    """The whole page. run: the folder with the plots."""
    e = m.evaluation
    sections = [
        ("points", "The operating points in words", _points(m)),
        (
            "recordings",
            "Against other recordings",
            _show(contents.ranking(e), contents.differences(e)),
        ),
        (
            "scenes",
            "In long scenes",
            _show(
                contents.scenes(e),
                contents.scene_differences(e),
                contents.scene_parts(e, "SNR"),
                contents.scene_parts(e, "response"),
            ),
        ),
        (
            "false",
            "What is taken for a cry",
            _show(contents.thresholds(e, m.chosen), contents.clip_points(e), contents.families(e)),
        ),
        ("plots", "Plots", _plots(plots_of(run))),
        (
            "shortcuts",
            "Shortcuts",
            _show(contents.parts(e, "source"), contents.parts(e, "bandwidth")),
        ),
        ("studies", "Studies", _show(*(study.table(title) for title, study in m.studies.items()))),
        ("cost", "Cost", _show(facts.work(m), facts.quantization(m))),
        ("classes", "Every class", _show(contents.classes(e))),
        ("limits", "Limits", f"<pre>{escape(about.limits)}</pre>"),
        ("origin", "Where it comes from", _show(facts.identity(m), facts.training_data(m))),
    ]
    there = [s for s in sections if s[2]]
    links = "".join(f'<a href="#{key}">{escape(title)}</a> ' for key, title, _ in there)
    body = "\n".join(f'<h2 id="{key}">{escape(title)}</h2>\n{html}' for key, title, html in there)
    name = escape(f"{m.chosen.name} {m.chosen.version}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title>\n'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n'
        f"<body><h1>{name}</h1>\n<p class=note>What was measured of this cry detector, beside "
        f"{escape(e.reference or 'nothing else')}. An adjunct, not a medical device.</p>\n"
        f"<nav>{links}</nav>\n{body}\n</body></html>\n"
    )


def write_page(about: Card, m: Measured, run: Path) -> None:
    """Write the run's report.html."""
    (run / REPORT).write_text(page(about, m, run))


def _points(m: Measured) -> str:
    boxes = "".join(
        f"<div><h3>{escape(name)}</h3>{''.join(f'<p>{escape(s)}</p>' for s in sentences)}</div>"
        for name, sentences in words.operating_points(m.evaluation)
    )
    lead = "".join(f"<p>{escape(sentence)}</p>" for sentence in words.lead(m.evaluation))
    return f"{lead}<div class=points>{boxes}</div>"


def _plots(plots: Sequence[tuple[Path, str]]) -> str:
    figures = "\n".join(
        f"<figure{' class=sheet' if path.stem.startswith('errors') else ''}>"
        f'<img alt="{escape(path.stem)}" src="data:image/png;base64,'
        f'{base64.b64encode(path.read_bytes()).decode()}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for path, caption in plots
    )
    return f"<div class=plots>{figures}</div>" if figures else ""


def _show(*tables: Table | None) -> str:
    return "\n".join(t.html(3) for t in tables if t and t.rows)
