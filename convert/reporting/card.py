"""The model card in Markdown. It holds no number that a run did not write."""

from __future__ import annotations

from convert.measuring.listening import hop_s, window_s
from convert.recipe import Card
from convert.reporting import contents, facts, words
from convert.reporting.run_folder import Measured
from convert.reporting.table import Table

TABLES_LEVEL = 3


def card(about: Card, m: Measured) -> str:
    """The whole card."""
    e = m.evaluation
    return "\n".join(
        [
            f"# {m.chosen.name} {m.chosen.version}\n",
            _what_it_is(m),
            _show(facts.identity(m)),
            _HOW_MEASURED,
            "## In words\n",
            _in_words(m),
            "## Against other recordings\n",
            _show(contents.ranking(e), contents.differences(e)),
            "## In long scenes\n" if e.scenes else "",
            _show(
                contents.scenes(e),
                contents.scene_differences(e),
                contents.scene_parts(e, "SNR"),
                contents.scene_parts(e, "response"),
            ),
            "## Operating points\n",
            _show(contents.thresholds(e, m.chosen), contents.clip_points(e), contents.families(e)),
            _show(contents.classes_in_short(e, words.TEST, "balanced")),
            "## Shortcuts\n",
            _show(contents.parts(e, "source"), contents.parts(e, "bandwidth")),
            "## Studies\n" if m.studies else "",
            _show(*(study.table(title) for title, study in m.studies.items())),
            "## Cost\n",
            _show(facts.work(m), facts.quantization(m)),
            "## Data\n",
            _show(facts.training_data(m)),
            "## The same figures again\n",
            commands(m),
            "## Limits\n",
            about.limits,
        ]
    )


_HOW_MEASURED = (
    "What is said of the test split and of human labels was measured on the `.tflite` through "
    "`edgecry classify`, the device's own path; thresholds, float against int8 and studies in "
    "process, with the device's features. No threshold was chosen on the test split.\n"
)


def commands(m: Measured) -> str:
    """How to make the tables again; `made_with` names recipe, data and folder."""
    made_with = m.chosen.made_with
    common = made_with.split(" --out ")[0]
    steps = {"the model and this card, but for the studies": made_with}
    if m.evaluation.scenes:
        steps["the scenes"] = common.replace("convert.build", "convert.timeline") + " --split test"
    steps |= {
        "ranking, scenes, operating points, classes": common.replace(
            "convert.build", "convert.evaluate"
        ),
        "float against int8": common.replace("convert.build", "convert.verify"),
    }
    steps |= {title: study.command for title, study in m.studies.items()}
    lines = [f"# {what}\n{command}" for what, command in steps.items()]
    return "```\n" + "\n".join(lines) + "\n```\n"


def _what_it_is(m: Measured) -> str:
    features = m.chosen.features
    context_s = features.smoothing_windows * hop_s(m.chosen)
    return (
        f"Hears whether a baby cries in {window_s(m.chosen):.3f} s of sound. A depthwise-separable "
        "CNN on the log-mel of `edgecry.features.mel`, full int8, input and output; its output is "
        "the logit of a cry, calibrated and averaged over "
        f"{features.smoothing_windows} windows ({context_s:.2f} s) on the device.\n"
    )


def _in_words(m: Measured) -> str:
    points = words.operating_points(m.evaluation)
    return "\n".join(
        [
            *(f"{sentence}\n" for sentence in words.lead(m.evaluation)),
            *(f"- **{name}**: {' '.join(sentences)}" for name, sentences in points),
            "",
        ]
    )


def _show(*tables: Table | None) -> str:
    return "\n".join(t.markdown(TABLES_LEVEL) for t in tables if t and t.rows)
