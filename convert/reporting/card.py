"""The model card: what was measured, in Markdown. It holds no number that a run did not write."""

from __future__ import annotations

from typing import Any

from convert.recipe import Card, Reference
from edgecry.inference.manifest import Manifest


def card(
    words: Card,
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
    hop_s = features.hop_frames * features.log_mel.hop_samples / features.log_mel.sample_rate_hz
    parts = [
        f"# {manifest.name} {manifest.version}\n",
        "Hears whether a baby cries in 0.975 s of sound. A depthwise-separable CNN on the log-mel "
        "of `edgecry.features.mel`, full int8, input and output; its output is the logit of a cry, "
        f"calibrated and averaged over {features.smoothing_windows} windows "
        f"({features.smoothing_windows * hop_s:.2f} s) on the device.\n",
        _table(
            ("", ""),
            [
                ("size", f"{size_bytes} bytes"),
                ("parameters", f"{training['parameters']:.0f}"),
                (
                    "multiply-adds",
                    f"{training['multiply_adds'] / 1e6:.2f} M a window, "
                    f"{training['multiply_adds'] / 1e6 / hop_s:.1f} M a second of audio",
                ),
                ("sha256", f"`{manifest.sha256}`"),
                ("made with", f"`{manifest.made_with}`"),
                ("code", f"`{origin['revision']}`"),
                ("data", f"sha256 `{origin['data_sha256']}`"),
            ],
        ),
        "All figures are from the `.tflite` through the device's own features and streaming. The "
        "score of a file is its highest evidence. Intervals: 95 %, bootstrap over babies and "
        "recordings; one without width says that no clip was out of order here, no more.\n",
        "## How well it ranks\n",
        _ranking(measured, words.human_labels_reference),
        "Neonates are 0 to 4 weeks old, as the file names of DonateACry say.\n",
        "### Within each source\n",
        _parts(measured["test_by_source"]),
        "### Within each bandwidth\n",
        _parts(measured["test_by_bandwidth"]),
        "## Operating points\n",
        _points(manifest, chosen, measured),
        "Recall is over cry clips: one window of evidence at `on` is enough. A false alarm that "
        "lasts counts again every 10 s. The thresholds were chosen on the val split and the "
        "held-out streams, with a margin; the test split was looked at afterwards.\n",
        *_human_points(measured),
        "### What is taken for a cry at the balanced point\n",
        _false(measured),
        "## Float against int8\n",
        _quantization(quantization),
        "## Training data\n",
        _table(
            ("source", "licence", "clips", "minutes"),
            [(d.source, d.licence, d.clips, d.minutes) for d in manifest.training_data],
        ),
        "Besides: sounds synthesised by `convert/synthetic.py`. Attribution of single recordings: "
        "see each source.\n",
        "## Limits\n",
        words.limits,
    ]
    return "\n".join(parts)


def _ranking(measured: dict[str, Any], reference: Reference | None) -> str:
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
                    f"{m['tpr_at_fpr_0_1pct']:.3f}",
                    f"{m['best_f1']:.3f} at {m['best_f1_threshold']:.3f}",
                )
            )
    if "human_labels" in measured and reference:
        lines.append(
            (
                f"human labels only, {reference.name}",
                "same",
                f"{reference.auc}",
                f"{reference.average_precision}",
                f"{reference.tpr_at_fpr_1pct}",
                "",
                "",
            )
        )
    return _table(
        (
            "",
            "cries / non-cries",
            "ROC-AUC",
            "AP",
            "TPR at 1 % FPR",
            "TPR at 0.1 % FPR",
            "best F1",
        ),
        lines,
    )


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


def _human_points(measured: dict[str, Any]) -> list[str]:
    if "human_labels_operating_points" not in measured:
        return []
    rows = [
        (name, f"{point['recall']:.3f}", f"{point['false_positive_rate']:.3f}")
        for name, point in measured["human_labels_operating_points"].items()
    ]
    return [
        "On the human labels:\n",
        _table(("", "recall", "false positive clips"), rows),
    ]


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
