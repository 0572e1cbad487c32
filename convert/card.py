"""The model card: what was measured, in Markdown. It holds no number that a run did not write."""

from __future__ import annotations

from typing import Any

from edgecry.inference.manifest import Manifest

YAMNET_HUMAN_LABELS = {"auc": 0.966, "average_precision": 0.969, "tpr_at_fpr_1pct": 0.647}
"""Class "Baby cry, infant cry" on the same clips, from the notes that come with the data."""

LIMITS = """\
- No recording from a neonatal ward, of a preterm baby, of a ventilator, CPAP or real medical alarm
  was there to train or to test on. Alarms, hums and beeps are synthetic; incubators are simulated
  room responses. What the model does in an incubator has not been measured.
- The test split is small: its babies number few (see the intervals), its non-cries last minutes,
  not days. No false alarm in T hours only shows a rate under 3/T. The ward decides; measure there.
- DonateACry's labels were chosen with YAMNet's help, so the figures on the test split are
  flattered. The human labels owe nothing to a network but are noisy.
- More than half of the cries came over a phone (up to 4 kHz). Band limits were put on both classes
  in training; the figures within each bandwidth show what is left of that shortcut.
- Whimpers, cries far below the noise, and cries under music are missed more often. Cats, kittens,
  goats and children's voices are what it most easily takes for a cry.
- An adjunct to nurses, not a medical device. It says that somebody cries, not why.
"""


def card(
    manifest: Manifest,
    chosen: Manifest,
    size_bytes: int,
    measured: dict[str, Any],
    quantization: dict[str, float],
    training: dict[str, float],
    origin: dict[str, str],
) -> str:
    """The whole card. manifest: with figures of the test split; chosen: with those of val."""
    features = manifest.features
    parts = [
        f"# {manifest.name} {manifest.version}\n",
        "Hears whether a baby cries in 0.975 s of sound. A depthwise-separable CNN on the log-mel "
        "of `edgecry.features.mel`, full int8, input and output; its output is the logit of a cry, "
        f"calibrated and averaged over {features.smoothing_windows} windows "
        f"({features.smoothing_windows * 0.24:.2f} s) on the device.\n",
        _table(
            ("", ""),
            [
                ("size", f"{size_bytes} bytes"),
                ("parameters", f"{training['parameters']:.0f}"),
                (
                    "multiply-adds",
                    f"{training['multiply_adds'] / 1e6:.2f} M a window, "
                    f"{training['multiply_adds'] / 1e6 / 0.24:.1f} M a second of audio",
                ),
                ("sha256", f"`{manifest.sha256}`"),
                ("made with", f"`{manifest.made_with}`"),
                ("code", f"`{origin['revision']}`"),
                ("data", f"sha256 `{origin['data_sha256']}`"),
            ],
        ),
        "All figures are from the `.tflite` through the device's own features and streaming. The "
        "score of a file is its highest evidence. Intervals: 95 %, bootstrap over babies and "
        "recordings.\n",
        "## How well it ranks\n",
        _ranking(measured),
        "DonateACry writes the age into the file name: neonates are 0 to 4 weeks old.\n",
        "### Within each source\n",
        _parts(measured["test_by_source"]),
        "### Within each bandwidth\n",
        _parts(measured["test_by_bandwidth"]),
        "## Operating points\n",
        _points(manifest, chosen, measured),
        "Recall is over cry clips: one window of evidence at `on` is enough. A false alarm that "
        "lasts counts again every 10 s. The thresholds were chosen on the val split and the "
        "held-out streams, with a margin; the test split was looked at afterwards.\n",
        "### What is taken for a cry at the balanced point\n",
        _false(measured),
        "## Float against int8\n",
        _quantization(quantization),
        "## Training data\n",
        _table(
            ("source", "licence", "clips", "minutes"),
            [(d.source, d.licence, d.clips, d.minutes) for d in manifest.training_data],
        ),
        "Besides: sounds synthesised by `convert/synthetic.py`. Window labels of cry clips are "
        "YAMNet's (Apache-2.0) on the clean clip. Attribution of single recordings: see each "
        "source.\n",
        "## Limits\n",
        LIMITS,
    ]
    return "\n".join(parts)


def _ranking(measured: dict[str, Any]) -> str:
    rows = [
        ("test split", "test"),
        ("neonates' cries against all non-cries", "test_neonate_cries"),
        ("without neonates", "test_without_neonates"),
        ("human labels only", "human_labels"),
    ]
    lines = []
    for title, key in rows:
        if key in measured:
            m = measured[key]
            low, high = m["auc_ci95"]
            tpr_low, tpr_high = m["tpr_at_fpr_1pct_ci95"]
            lines.append(
                (
                    title,
                    f"{m['cries']} / {m['clips'] - m['cries']}",
                    f"{m['auc']:.4f} ({low:.3f} to {high:.3f})",
                    f"{m['average_precision']:.3f}",
                    f"{m['tpr_at_fpr_1pct']:.3f} ({tpr_low:.2f} to {tpr_high:.2f})",
                )
            )
    if "human_labels" in measured:
        lines.append(
            (
                "human labels only, YAMNet as published with the data",
                "same",
                f"{YAMNET_HUMAN_LABELS['auc']}",
                f"{YAMNET_HUMAN_LABELS['average_precision']}",
                f"{YAMNET_HUMAN_LABELS['tpr_at_fpr_1pct']}",
            )
        )
    return _table(("", "cries / non-cries", "ROC-AUC", "AP", "TPR at 1 % FPR"), lines)


def _parts(parts: dict[str, dict[str, Any]]) -> str:
    """Parts with both classes; the others have no AUC."""
    rows = [
        (name, p["cries"], p["clips"] - p["cries"], f"{p['auc_within']:.4f}")
        for name, p in parts.items()
        if p["auc_within"] is not None
    ]
    return _table(("", "cries", "non-cries", "ROC-AUC within"), rows)


def _points(manifest: Manifest, chosen: Manifest, measured: dict[str, Any]) -> str:
    rows = []
    for name, point in manifest.operating_points.items():
        on_val, on_test = chosen.operating_points[name], measured["operating_points"][name]
        rows.append(
            (
                name,
                point.on,
                point.off,
                f"{on_val.recall:.3f}",
                f"{on_val.false_alarms_per_hour:.1f}",
                f"{on_test['recall']:.3f}",
                f"{on_test['false_positive_rate']:.4f}",
                f"{on_test['false_alarms']:.0f} in {on_test['noncry_hours'] * 60:.0f} min "
                f"= {on_test['false_alarms_per_hour']:.1f}",
            )
        )
    return _table(
        (
            "",
            "on",
            "off",
            "recall, val",
            "false alarms/h, val + held-out",
            "recall, test",
            "false positive clips, test",
            "false alarms/h, test",
        ),
        rows,
    )


def _false(measured: dict[str, Any]) -> str:
    found = measured["false_positives_by_kind"]
    if not found:
        return "No non-cry clip of the test split.\n"
    rows = [(name, kind["false"], kind["clips"]) for name, kind in found.items()]
    return _table(("kind", "false positives", "clips"), rows)


def _quantization(q: dict[str, float]) -> str:
    return (
        f"On {q['windows']:.0f} windows of the val split, clean and in noise: logits differ by "
        f"{q['logit_difference_median']:.3f} in the median, {q['logit_difference_p99']:.2f} at the "
        f"99th percentile, {q['logit_difference_max']:.2f} at most; average precision "
        f"{q['float_average_precision']:.4f} in float, {q['int8_average_precision']:.4f} in int8.\n"
    )


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines) + "\n"
