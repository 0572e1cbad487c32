"""A recording as it sounds, as the detector hears it, and what the detector makes of it.

Waveform, spectrogram, log-mel and score, one above the other over the same seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from convert.measuring.listening import window_s
from convert.reporting.passage import Passage
from convert.reporting.plots.spectrogram import (
    FFT_SAMPLES,
    RANGE_DB,
    draw_spectrogram,
    frame_edges_s,
)
from convert.reporting.plots.style import CRY, GREY, PRINT_DPI, VERMILION, figure, shortened
from edgecry.features.mel import LogMel, MelParams, mel_edges_hz
from edgecry.inference.manifest import Manifest, OperatingPoint, OperatingPointName
from edgecry.types import Float32Array

ROWS = (1.0, 1.9, 1.9, 1.7)
COLUMNS = 2000
"""Of a waveform: each is drawn from its lowest to its highest sample."""
MEL_TICKS_HZ = (250, 500, 1000, 2000, 4000, 6000)
QUIETEST_PEAK = 0.001
LABEL_GAP = 0.11
"""Between the names of two operating points, in evidence."""
FEW_WINDOWS = 60
"""The evidence of fewer has a dot for each."""
END = "ends below"
SPOKEN_CRIES = 4


def draw_recording(
    path: Path, title: str, passage: Passage, manifest: Manifest, at: OperatingPointName
) -> None:
    """at: the operating point whose cries the passage holds.

    What is shorter than a window is drawn with the silence that the network gets after it.
    """
    features = manifest.features
    end_s = max([passage.last_s, *passage.end_s[-1:]])
    heard = max(FFT_SAMPLES, round((end_s - passage.first_s) * passage.rate_hz))
    samples = np.pad(passage.samples, (0, heard - len(passage.samples)))
    with figure(path, 9.0, 8.2, PRINT_DPI) as drawn:
        drawn.suptitle(f"{shortened(title)}\n{_found(passage, at)}", size=11, parse_math=False)
        grid = drawn.add_gridspec(4, 2, height_ratios=ROWS, width_ratios=(1, 0.018))
        wave = drawn.add_subplot(grid[0, 0])
        rows = [wave, *(drawn.add_subplot(grid[row, 0], sharex=wave) for row in (1, 2, 3))]
        _, spectrum, mel, score = rows
        draw_waveform(wave, passage)
        image = draw_spectrogram(spectrum, samples, passage.rate_hz, passage.first_s)
        spectrum.set_ylabel("frequency, kHz")
        spectrum.set_title("spectrogram", size=9, loc="left")
        _scale(drawn, image, drawn.add_subplot(grid[1, 1]), "dB re full-scale sine")
        image = draw_log_mel(mel, samples, features.log_mel, passage.first_s)
        _scale(drawn, image, drawn.add_subplot(grid[2, 1]), "band power, dB")
        draw_score(score, passage, manifest)
        names = drawn.add_subplot(grid[3, 1], sharey=score)
        draw_points(score, names, manifest.operating_points, at)
        _mark(passage, shaded=(wave, score), lined=(spectrum, mel))
        wave.set_xlim(passage.first_s, end_s)
        score.set_xlabel("time from the beginning of the recording, s")
        for axes in rows:
            axes.label_outer()
            axes.spines[["top", "right"]].set_visible(False)
        drawn.align_ylabels(rows)


def draw_waveform(axes: Axes, passage: Passage) -> None:
    """Lowest and highest sample of each of COLUMNS stretches."""
    lowest, highest = envelope(passage.samples)
    edges = np.linspace(passage.first_s, passage.last_s, len(lowest) + 1)
    axes.stairs(highest, edges, baseline=lowest, fill=True, color="#333333", linewidth=0)
    for outline in (lowest, highest):
        axes.stairs(outline, edges, baseline=None, color="#333333", linewidth=0.4)
    peak = max(float(np.abs(passage.samples).max()), QUIETEST_PEAK)
    axes.set_ylim(-1.08 * peak, 1.08 * peak)
    axes.set_ylabel("amplitude\n(full scale 1)")
    axes.set_title("waveform", size=9, loc="left")


def envelope(samples: Float32Array) -> tuple[Float32Array, Float32Array]:
    """(n,) -> lowest and highest, (COLUMNS,) each or fewer."""
    columns = min(COLUMNS, len(samples))
    starts = np.linspace(0, len(samples), columns, endpoint=False).astype(int)
    return np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)


def draw_log_mel(axes: Axes, samples: Float32Array, params: MelParams, first_s: float) -> AxesImage:
    """The frames that the network gets, in dB; ticks are where a band's filter peaks."""
    frames = LogMel(params)(samples)
    level_db = (frames * params.scale_nats + params.offset_nats) * (10 / np.log(10))
    rate_hz = params.sample_rate_hz
    across = frame_edges_s(len(frames), params.window_samples, params.hop_samples, rate_hz, first_s)
    floor_db = 10 * float(np.log10(params.floor))
    image = axes.imshow(
        level_db.T,
        origin="lower",
        aspect="auto",
        cmap="cividis",
        vmin=floor_db,
        vmax=max(float(level_db.max()), floor_db + RANGE_DB / 2),
        extent=(*across, 0, params.mels),
    )
    shown = [hz for hz in MEL_TICKS_HZ if params.low_hz <= hz <= params.high_hz]
    axes.set_yticks(mel_place(np.array(shown), params), labels=[f"{hz / 1000:g}" for hz in shown])
    axes.set_ylim(0, params.mels)
    axes.set_ylabel("frequency, kHz")
    axes.set_title(f"log-mel, {params.mels} bands: what the network gets", size=9, loc="left")
    return image


def mel_place(hz: NDArray[np.int64], params: MelParams) -> NDArray[np.float64]:
    """Where a frequency lies on an axis on which band m fills m to m + 1."""
    return np.interp(hz, mel_edges_hz(params), np.arange(params.mels + 2) - 0.5)


def draw_score(axes: Axes, passage: Passage, manifest: Manifest) -> None:
    """The score of every window and the evidence, at the end of the window."""
    axes.plot(
        passage.end_s,
        passage.p_cry,
        "o",
        markersize=3,
        color=GREY,
        markerfacecolor="none",
        clip_on=False,
        label=f"score of a window of {window_s(manifest):.3g} s, at its end",
    )
    axes.plot(
        passage.end_s,
        passage.evidence,
        ".-" if len(passage.end_s) < FEW_WINDOWS else "-",
        markersize=5,
        color=CRY,
        linewidth=1.5,
        label=f"evidence: mean of the last {manifest.features.smoothing_windows}",
    )
    detected = [cry.detected_s for cry in passage.cries if cry.detected_s >= passage.first_s]
    if detected:
        axes.plot(detected, [0.0] * len(detected), "^", color=VERMILION, label="cry detected")
    axes.set_ylim(-0.04, 1.04)
    axes.set_ylabel("p(cry)")
    axes.set_title("score", size=9, loc="left")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=3, fontsize=8, frameon=False)


def draw_points(
    score: Axes,
    names: Axes,
    points: Mapping[OperatingPointName, OperatingPoint],
    at: OperatingPointName,
) -> None:
    """A line where each operating point begins a cry, and where `at` ends it; `names` says which.

    names: axes at the right of the score, of the same height.
    """
    names.axis("off")
    lines: dict[str, float] = {name: point.on for name, point in points.items()}
    lines[END] = points[at].off
    lowest_first = sorted(lines, key=lambda name: lines[name])
    heights = apart([lines[name] for name in lowest_first], LABEL_GAP)
    for name, height in zip(lowest_first, heights, strict=True):
        colour = VERMILION if name in (at, END) else GREY
        width, weight = (1.4, "bold") if name == at else (0.8, "normal")
        dashes = ":" if name == END else "--"
        score.axhline(lines[name], color=colour, linewidth=width, linestyle=dashes, zorder=1)
        said = f"{name} {lines[name]:.2f}"
        names.text(0.0, height, said, color=colour, weight=weight, size=8, va="center")


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """Ascending heights, moved as little as is simple so that none is nearer than `gap`: each group
    of crowded ones keeps its middle."""
    groups: list[list[float]] = []
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _spread(groups[-1], gap)[0] - _spread(groups[-2], gap)[-1] < gap:
            crowded = groups.pop()
            groups[-1] += crowded
    return [height for group in groups for height in _spread(group, gap)]


def _spread(group: Sequence[float], gap: float) -> list[float]:
    middle = sum(group) / len(group)
    return [middle + gap * (place - (len(group) - 1) / 2) for place in range(len(group))]


def _scale(drawn: Figure, image: AxesImage, axes: Axes, unit: str) -> None:
    drawn.colorbar(image, cax=axes).set_label(unit, size=9)
    axes.tick_params(labelsize=8)


def _mark(passage: Passage, shaded: Sequence[Axes], lined: Sequence[Axes]) -> None:
    """Each cry from its onset to its end."""
    for onset_s, end_s in passage.spans:
        for axes in shaded:
            axes.axvspan(onset_s, min(end_s, passage.last_s), color=CRY, alpha=0.15, linewidth=0)
        for axes in lined:
            for edge_s in filter(math.isfinite, (onset_s, end_s)):
                axes.axvline(edge_s, color="white", linewidth=1.2, linestyle=(0, (4, 3)))


def _found(passage: Passage, at: str) -> str:
    spans = [
        f"from {onset_s:.1f} s on" if end_s == math.inf else f"{onset_s:.1f} to {end_s:.1f} s"
        for onset_s, end_s in passage.spans
    ]
    more = f" and {len(spans) - SPOKEN_CRIES} more" if len(spans) > SPOKEN_CRIES else ""
    said = f"cry {', '.join(spans[:SPOKEN_CRIES])}{more}" if spans else "no cry found"
    return f"{said}, at the operating point {at}"
