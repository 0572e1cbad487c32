"""A few synthetic clips with reasons."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile

RATE_HZ = 16_000
REASONS = ("belly_pain", "burping", "discomfort", "hungry", "tired", "silence", "noise", "laugh")
BABIES, CLIPS_EACH = 4, 2


@pytest.fixture(scope="session")
def reasons_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with reasons.csv: REASONS of BABIES each, CLIPS_EACH clips of 2 s a baby; and two
    clips of cold_hot, which are of one baby."""
    folder = tmp_path_factory.mktemp("reasons")
    rng = np.random.default_rng(0)
    wanted = [(r, f"{r}-{b}") for r in REASONS for b in range(BABIES)] + [("cold_hot", "cold")]
    rows = []
    for reason, baby in wanted:
        for number in range(CLIPS_EACH):
            path = f"{baby}-{number}.wav"
            t = np.arange(2 * RATE_HZ) / RATE_HZ
            tone = 0.2 * np.sin(2 * np.pi * rng.uniform(300, 600) * t)
            soundfile.write(folder / path, tone + 0.02 * rng.standard_normal(len(t)), RATE_HZ)
            rows.append([path, reason, "tiny", "CC0", baby, 2.0, "any"])
    with (folder / "reasons.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "reason", "source", "licence", "group", "duration_s", "use"])
        writer.writerows(rows)
    return folder
