"""`python -m convert.plot`: each kind of picture, and what cannot be drawn."""

import csv
import sys
from itertools import pairwise
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from convert import plot
from convert.measuring.embedding import Embedder
from convert.reporting.plots import recording, spectrogram
from convert.reporting.plots import sound_map as plots_sound_map
from convert.reporting.plots.style import PRINT_DPI, PlotError, shortened
from convert.reporting.plots.training import read_curves, training_curves
from convert.reporting.sound_map import SoundMap, project, read_collection
from edgecry.errors import EdgecryError
from edgecry.features.mel import MelParams
from edgecry.inference.classifier import SHIPPED_MODELS

RATE_HZ = 16_000


@pytest.fixture
def draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the command; returns the pixels of the picture, (height, width, 4)."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)

    def command(*arguments: object) -> np.ndarray:
        out = tmp_path / "drawn.png"
        given_ = [*map(str, arguments), "--out", str(out)]
        monkeypatch.setattr(sys, "argv", ["plot", *given_])
        plot.main()
        return imread(out)

    return command


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Three seconds of a tone of 1 kHz after two of silence."""
    path = tmp_path / "a $strange$ näme.wav"
    t = np.arange(3 * RATE_HZ) / RATE_HZ
    soundfile.write(path, np.concatenate((np.zeros(2 * RATE_HZ), np.sin(6283 * t))), RATE_HZ)
    return path


def inked(pixels: np.ndarray) -> float:
    """Share of the picture that is not white."""
    return float((pixels[..., :3].min(axis=2) < 0.95).mean())


def test_a_recording_fills_a_page(draw, sound: Path) -> None:
    pixels = draw("recording", sound)
    assert pixels.shape[1] == 9 * PRINT_DPI
    assert inked(pixels) > 0.3


@pytest.mark.parametrize("seconds", [1 / RATE_HZ, 0.02, 0.2])
def test_the_shortest_recording_is_drawn(draw, tmp_path: Path, seconds: float) -> None:
    soundfile.write(tmp_path / "short.wav", np.full(round(seconds * RATE_HZ), 0.1), RATE_HZ)
    assert inked(draw("recording", tmp_path / "short.wav")) > 0.3


def test_of_a_long_recording_the_beginning_is_drawn_and_it_says_so(
    draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plot, "LONGEST_S", 2.0)
    soundfile.write(tmp_path / "long.wav", np.zeros(4 * RATE_HZ), RATE_HZ)
    draw("recording", tmp_path / "long.wav")
    assert "--from and --to show another part" in capsys.readouterr().out
    draw("recording", tmp_path / "long.wav", "--from", 1, "--to", 3)
    assert not capsys.readouterr().out
    draw("recording", tmp_path / "long.wav", "--from", 2)
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (["--from", "9"], "lasts 5.0 s"),
        (["--from", "3", "--to", "2"], "lasts 1 to 120 s"),
        (["--from", "-1"], "begins at 0 or later"),
        (["--from", "2", "--to", "2.5"], "lasts 1 to 120 s"),
        (["--to", "7200"], "lasts 1 to 120 s"),
        (["--from", "nan"], "cannot be drawn"),
        (["--model", "nobody"], "nobody"),
    ],
)
def test_a_part_that_is_not_there(draw, sound: Path, part: list[str], said: str) -> None:
    with pytest.raises(EdgecryError, match=said):
        draw("recording", sound, *part)


def test_a_broken_recording_is_named(draw, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_text("no sound")
    with pytest.raises(EdgecryError, match=r"broken\.wav"):
        draw("recording", tmp_path / "broken.wav")


def test_confusions_of_any_size(draw, tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    for classes in (1, 2, 12):
        names = [f"class $ {number}" for number in range(classes)]
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([("label", "predicted"), *((n, names[0]) for n in names)])
        assert inked(draw("confusion", path, "--title", "a $ title")) > 0.05


def test_curves_of_a_run(draw, tmp_path: Path) -> None:
    text = "epoch,loss,val_loss\n1,0.9,1.1\n2,0.5,\n"
    (tmp_path / "curves.csv").write_text(text)
    assert inked(draw("curves", tmp_path)) > 0.01
    over, columns = read_curves(tmp_path / "curves.csv")
    assert over == "epoch"
    assert columns["loss"] == [0.9, 0.5]
    assert np.isnan(columns["val_loss"][1])


def test_a_folder_without_a_training_says_which_have_one(draw, tmp_path: Path) -> None:
    with pytest.raises(EdgecryError, match=r"convert\.train its run, of convert\.benchmark"):
        draw("curves", tmp_path)


@pytest.mark.parametrize("text", ["", "step\n1\n", "step,loss\n", "step,loss\n1,x\n", "a,b\n1\n"])
def test_curves_that_are_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "curves.csv").write_text(text)
    with pytest.raises(PlotError, match=r"curves\.csv"):
        training_curves(tmp_path / "out.png", tmp_path / "curves.csv")


def test_a_map_of_a_folder(draw, own_recordings: Path) -> None:
    assert inked(draw("map", own_recordings)) > 0.01


def test_a_map_of_a_manifest_says_what_it_hides(
    draw, tiny_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw("map", tiny_data / "pack" / "manifest.csv", "--by", "t-sne", "--column", "group")
    assert "left out: 8 clips of the test split" in capsys.readouterr().out


def test_a_map_is_of_the_embeddings_of_the_network_that_is_named(
    draw, own_recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[SoundMap, str]] = []

    def draw_sound_map(
        path: Path, title: str, sounds: SoundMap, classes: list[str], network: str
    ) -> None:
        drawn.append((sounds, network))
        plots_sound_map.draw_sound_map(path, title, sounds, classes, network)

    monkeypatch.setattr(plot, "draw_sound_map", draw_sound_map)
    for suffix in (".tflite", ".json"):
        copyfile(SHIPPED_MODELS / f"cry-detector{suffix}", tmp_path / f"mine{suffix}")
    draw("map", own_recordings, "--model", tmp_path / "mine.tflite")
    embedder = Embedder("cry-detector")
    clips = [path for path, _ in read_collection(own_recordings, None).clips]
    expected = project(np.array([embedder(clip) for clip in clips]), "pca", 0)
    [(sounds, network)] = drawn
    np.testing.assert_array_equal(sounds.at, expected.at)
    assert network == f"cry-detector {embedder.manifest.version}"
    with pytest.raises(EdgecryError, match="nobody"):
        draw("map", own_recordings, "--model", "nobody")


@pytest.mark.parametrize("bad", ["-1", "4294967296", "1.5", "x", "²"])
def test_a_seed_that_is_none(
    draw, own_recordings: Path, bad: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        draw("map", own_recordings, "--by", "t-sne", f"--seed={bad}")
    assert "0 to 4294967295" in capsys.readouterr().err


def test_the_largest_seed(draw, own_recordings: Path) -> None:
    assert inked(draw("map", own_recordings, "--by", "t-sne", "--seed", plot.LARGEST_SEED)) > 0.01


@pytest.mark.parametrize("name", ["a.pdf", "nowhere/a.png"])
@pytest.mark.parametrize("kind", ["recording", "confusion", "curves", "map"])
def test_a_picture_that_cannot_be_is_known_at_once(
    kind: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["plot", kind, "not-read", "--out", name])
    with pytest.raises(SystemExit, match="2"):
        plot.main()
    said = capsys.readouterr().err
    assert "a.pdf" in said or "there is no folder 'nowhere'" in said
    assert not list(tmp_path.iterdir())


def test_a_picture_is_a_png() -> None:
    assert plot.png("a.PNG") == Path("a.PNG")


@pytest.mark.filterwarnings("error")
def test_characters_that_the_font_lacks_are_no_warnings(
    draw, own_recordings: Path, sound: Path, tmp_path: Path
) -> None:
    title = "猫 泣き声 아기 👶 \U0010fffd $x$"
    (tmp_path / "counts.csv").write_text(f",{title},b\n{title},3,1\nb,0,2\n")
    (tmp_path / "curves.csv").write_text("epoch,loss\n1,0.9\n2,0.5\n")
    drawn = {
        "recording": sound,
        "confusion": tmp_path / "counts.csv",
        "curves": tmp_path,
        "map": own_recordings,
    }
    for kind, of in drawn.items():
        assert inked(draw(kind, of, "--title", title)) > 0.01, kind


def test_a_full_scale_sine_is_at_0_db_where_it_is() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    level_db = spectrogram.spectrogram_db(tone).mean(axis=0)
    assert level_db.argmax() * RATE_HZ / spectrogram.FFT_SAMPLES == 1000
    assert level_db.max() == pytest.approx(0, abs=0.1)


def test_frames_lie_about_their_middle() -> None:
    left, right = spectrogram.frame_edges_s(98, 400, 160, RATE_HZ, 2.0)
    assert left + 0.005 == pytest.approx(2.0 + 0.0125)
    assert right - left == pytest.approx(0.98)


def test_mel_ticks_lie_in_the_band_that_peaks_there() -> None:
    params = MelParams()
    assert recording.mel_place(np.array([125, 7500]), params).tolist() == [-0.5, params.mels + 0.5]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6).map(sorted), st.floats(0.01, 0.3))
def test_names_keep_their_order_and_distance(heights: list[float], gap: float) -> None:
    placed = recording.apart(heights, gap)
    assert len(placed) == len(heights)
    assert all(b - a >= gap - 1e-9 for a, b in pairwise(placed))
    if all(b - a >= gap for a, b in pairwise(heights)):
        assert placed == pytest.approx(heights)


@given(st.integers(1, 5000))
def test_the_envelope_holds_every_sample(length: int) -> None:
    samples = np.random.default_rng(length).standard_normal(length).astype(np.float32)
    lowest, highest = recording.envelope(samples)
    assert len(lowest) == len(highest) == min(length, recording.COLUMNS)
    assert lowest.min() == samples.min()
    assert highest.max() == samples.max()


@given(st.text(max_size=200), st.integers(10, 80))
def test_a_shortened_name_fits(name: str, most: int) -> None:
    short = shortened(name, most)
    assert len(short) <= most
    assert short == name or (short[0] == name[0] and short[-1] == name[-1])
