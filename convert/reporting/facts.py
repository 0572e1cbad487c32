"""Tables of what the model is: its size and work, what int8 cost, what it learned from. Pure."""

from __future__ import annotations

from convert.measuring.listening import hop_s
from convert.reporting.run_folder import Measured
from convert.reporting.table import Table

YAMNET_PARAMETERS = 3.7e6
YAMNET_MULTIPLY_ADDS = 69.2e6
"""A window of 0.96 s: README of tensorflow/models/research/audioset/yamnet."""
YAMNET_HOP_S = 0.48


def identity(m: Measured) -> Table:
    """What model this is."""
    rows = [
        ("size", f"{m.size_bytes} bytes"),
        ("sha256", f"`{m.chosen.sha256}`"),
        ("made with", f"`{m.chosen.made_with}`"),
        ("code", f"`{m.origin['revision']}`"),
        ("data", f"sha256 `{m.origin['data_sha256']}`"),
    ]
    return Table("", ("", ""), rows)


def work(m: Measured) -> Table:
    """Multiply-adds, beside YAMNet's where it was measured too."""
    each = float(m.training["multiply_adds"])
    a_second = each / hop_s(m.chosen)
    rows = [
        (
            m.evaluation.detector,
            str(m.training["parameters"]),
            f"{each / 1e6:.2f} M",
            f"{hop_s(m.chosen):.2f} s",
            f"{a_second / 1e6:.1f} M",
        )
    ]
    note = ""
    if m.evaluation.reference:
        theirs = YAMNET_MULTIPLY_ADDS / YAMNET_HOP_S
        rows.append(
            (
                m.evaluation.reference,
                f"{YAMNET_PARAMETERS / 1e6:.1f} M",
                f"{YAMNET_MULTIPLY_ADDS / 1e6:.1f} M",
                f"{YAMNET_HOP_S:.2f} s",
                f"{theirs / 1e6:.0f} M",
            )
        )
        note = (
            f"A window costs a {YAMNET_MULTIPLY_ADDS / each:.0f}th of YAMNet's, a second of audio "
            f"a {theirs / a_second:.0f}th. YAMNet's figures: the README of "
            "tensorflow/models/research/audioset/yamnet."
        )
    columns = ("", "parameters", "multiply-adds a window", "hop", "a second of audio")
    return Table("Work", columns, rows, note)


def quantization(m: Measured) -> Table:
    """What int8 cost, on windows of val, clean and in noise."""
    q = m.quantization
    rows = [
        ("F1", f"{q['float_f1']:.4f}", f"{q['int8_f1']:.4f}", f"{-q['f1_loss']:+.4f}"),
        (
            "average precision",
            f"{q['float_average_precision']:.4f}",
            f"{q['int8_average_precision']:.4f}",
            f"{q['int8_average_precision'] - q['float_average_precision']:+.4f}",
        ),
    ]
    return Table(
        "Float against int8",
        ("", "float", "int8", "int8 minus float"),
        rows,
        f"On {q['windows']} windows of the val split, clean and in noise. F1 at the threshold that "
        f"is best for float. Logits differ by {q['logit_difference_median']:.3f} in the median, "
        f"{q['logit_difference_p99']:.2f} at the 99th percentile, "
        f"{q['logit_difference_max']:.2f} at most.{_runtimes(q['runtimes_differ'], q['windows'])}",
    )


def training_data(m: Measured) -> Table:
    """What it learned from, by source."""
    rows = [(d.source, d.licence, str(d.clips), f"{d.minutes}") for d in m.chosen.training_data]
    return Table(
        "Training data",
        ("source", "licence", "clips", "minutes"),
        rows,
        "Besides: sounds synthesised by `convert/sounds`. Attribution of single recordings: see "
        "each source.",
    )


def _runtimes(differ: dict[str, int], windows: int) -> str:
    return "".join(
        f" {both.replace(', ', ' and ')} answer {count} of {windows} windows with another integer."
        for both, count in differ.items()
    )
