"""YAMNet as a listener, if its file is here."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ai_edge_litert", reason="needs the extra convert")

from convert.measuring.yamnet import BABY_CRY, WINDOW_SAMPLES, Yamnet
from convert.sounds.audio import RATE_HZ

MODEL = Path(__file__).parents[4] / "shared" / "data" / "models" / "yamnet" / "yamnet.tflite"


@pytest.fixture(scope="module")
def yamnet() -> Yamnet:
    if not MODEL.exists():
        pytest.skip("yamnet.tflite is not here")
    return Yamnet(MODEL)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return (0.05 * np.random.default_rng(0).standard_normal(3 * RATE_HZ)).astype(np.float32)


def test_a_window_has_a_score_for_every_class(yamnet: Yamnet, noise: np.ndarray) -> None:
    scores = yamnet.scores(noise[:WINDOW_SAMPLES])
    assert scores.shape == (521,)
    assert 0.0 <= scores.min() <= scores.max() <= 1.0


def test_it_listens_in_its_own_steps_and_in_ours(yamnet: Yamnet, noise: np.ndarray) -> None:
    own = yamnet.listen(noise)
    assert np.allclose(own.end_s, 0.975 + 0.48 * np.arange(5))
    assert own.evidence[2] == yamnet.scores(noise[15_360:][:WINDOW_SAMPLES])[BABY_CRY]
    ours = yamnet.listen(noise, hop_s=0.24, smoothing_windows=4)
    unsmoothed = yamnet.listen(noise, hop_s=0.24)
    assert np.allclose(np.diff(ours.end_s), 0.24)
    assert ours.evidence[5] == pytest.approx(unsmoothed.evidence[2:6].mean())


def test_a_short_sound_is_padded(yamnet: Yamnet, noise: np.ndarray) -> None:
    heard = yamnet.listen(noise[:1000])
    assert len(heard.evidence) == 1
    assert heard.duration_s == 1000 / RATE_HZ
