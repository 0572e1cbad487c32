"""The real PortAudio and ALSA on a virtual microphone: what is heard, and that a loss is seen."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import pytest
import sounddevice
from support.virtual_microphone import NAME, RATE_HZ, VirtualMicrophone

from edgecry.capture.microphone import (
    SILENCE_S,
    Microphone,
    MicrophoneInfo,
    _find,
    list_microphones,
)
from edgecry.capture.reopening import ReopeningSource
from edgecry.clock import ManualClock, SystemClock
from edgecry.errors import CaptureError
from edgecry.types import AudioBlock, Float32Array

CLOCK = SystemClock()
DEADLINE_S = 30.0
BLIND_S = 5.0
"""By when a monitor has to know that its microphone is lost."""


class LeapingClock(SystemClock):
    """What a process sees that is stopped now and then."""

    ahead_s = 0.0

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self.ahead_s


def blocks(source: Microphone) -> Iterator[AudioBlock]:
    """What it gives until the deadline."""
    deadline_s = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline_s:
        if (block := source.read(0.25)) is not None:
            yield block
    pytest.fail("not heard in time")


def heard_until_lost(source: Microphone) -> tuple[list[AudioBlock], CaptureError]:
    """What is still heard, and the error. Audio time, so that a slow machine cannot fail it."""
    heard = []
    with pytest.raises(CaptureError) as lost:
        for block in blocks(source):
            heard.append(block)
    return heard, lost.value


def read_until(source: ReopeningSource, reached: Callable[[AudioBlock | None], bool]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not reached(source.read(0.25)):
        assert time.monotonic() < deadline_s, "not reached in time"


def loud(samples: Float32Array) -> np.ndarray:
    """Where the sound is above the room's noise (20 / 32768)."""
    return np.flatnonzero(np.abs(samples) > 0.001)


def test_what_is_played_is_what_is_read_bit_for_bit(virtual_microphone: VirtualMicrophone) -> None:
    played = np.random.default_rng(7).integers(100, 30000, RATE_HZ).astype(np.int16)
    heard = np.empty(0, np.float32)
    next_sample = 0
    with closing(Microphone(NAME, RATE_HZ, 10.0, CLOCK)) as microphone:
        for block in blocks(microphone):
            if next_sample == 0:
                virtual_microphone.play(played)
            assert (block.first_sample, block.overflowed) == (next_sample, False)
            next_sample = block.end_sample
            heard = np.concatenate((heard, block.samples))
            if len(loud(heard)) >= len(played):
                break
    start = loud(heard)[0]
    np.testing.assert_array_equal(heard[start : start + len(played)] * 32768, played)


def test_a_tone_arrives_resampled_at_its_pitch_and_level(
    virtual_microphone: VirtualMicrophone,
) -> None:
    tone = 16384 * np.sin(2 * np.pi * 1000 * np.arange(2 * RATE_HZ) / RATE_HZ)
    heard = np.empty(0, np.float32)
    with closing(Microphone(NAME.upper(), 16000, 10.0, CLOCK)) as microphone:
        for block in blocks(microphone):
            if not len(heard):
                virtual_microphone.play(tone.astype(np.int16))
            assert block.sample_rate_hz == 16000
            heard = np.concatenate((heard, block.samples))
            if len(loud(heard)) and len(heard) - loud(heard)[0] > 17000:
                break
    second = heard[loud(heard)[0] + 500 :][:16000]
    spectrum = np.abs(np.fft.rfft(second)) / 8000
    assert np.argmax(spectrum) == 1000
    assert spectrum[1000] == pytest.approx(0.5, rel=1e-3)


def test_a_microphone_that_stalls_is_lost(virtual_microphone: VirtualMicrophone) -> None:
    with closing(Microphone(NAME, 16000, 10.0, CLOCK)) as microphone:
        next(blocks(microphone))
        virtual_microphone.stall()
        _, lost = heard_until_lost(microphone)
        assert "given nothing" in str(lost)


def test_a_process_that_stood_still_does_not_blame_the_microphone(
    virtual_microphone: VirtualMicrophone,  # noqa: ARG001 (it is plugged in)
) -> None:
    clock = LeapingClock()
    with closing(Microphone(NAME, 16000, 10.0, clock)) as microphone:
        next(blocks(microphone))
        for _ in range(20):
            clock.ahead_s += 10.0
            microphone.read(0.001)


def test_a_microphone_that_is_unplugged_is_lost(virtual_microphone: VirtualMicrophone) -> None:
    with closing(Microphone(NAME, 16000, 10.0, CLOCK)) as microphone:
        next(blocks(microphone))
        virtual_microphone.unplug()
        _, lost = heard_until_lost(microphone)
        assert "has gone" in str(lost)


def test_a_stream_that_is_moved_to_silence_is_lost(virtual_microphone: VirtualMicrophone) -> None:
    virtual_microphone.add_silent_source()
    with closing(Microphone(NAME, 16000, 10.0, CLOCK)) as microphone:
        for block in blocks(microphone):
            if block.end_sample > 1.5 * 16000:
                break
        virtual_microphone.unplug()
        heard, lost = heard_until_lost(microphone)
    assert "zeros" in str(lost)
    samples = np.concatenate([block.samples for block in heard])
    silent_s = (len(samples) - np.flatnonzero(samples)[-1]) / 16000
    assert silent_s < BLIND_S


def test_a_microphone_that_stands_still_is_lost_and_does_not_come_back_still(
    virtual_microphone: VirtualMicrophone,
) -> None:
    source = ReopeningSource(lambda: Microphone(NAME, 16000, 10.0, CLOCK), CLOCK)
    with closing(source):
        read_until(source, lambda block: block is not None)
        virtual_microphone.play(np.full(60 * RATE_HZ, 5, np.int16))
        read_until(source, lambda _: source.lost is not None)
        assert source.lost is not None
        assert source.lost.code == "mic-silent"
        assert "one value" in source.lost.detail
        end_s = CLOCK.monotonic_s() + 3.0
        while CLOCK.monotonic_s() < end_s:
            assert source.read(0.25) is None


def test_silence_right_after_opening_is_forgiven_for_a_second(
    virtual_microphone: VirtualMicrophone,
) -> None:
    virtual_microphone.play(np.zeros(60 * RATE_HZ, np.int16))
    with closing(Microphone(NAME, 16000, 10.0, CLOCK)) as microphone:
        heard, lost = heard_until_lost(microphone)
    assert "zeros" in str(lost)
    assert SILENCE_S < heard[-1].end_sample / 16000 < BLIND_S


def test_a_reader_that_is_too_late_is_told_what_it_lost(
    virtual_microphone: VirtualMicrophone,  # noqa: ARG001 (it is opened by its name)
) -> None:
    with closing(Microphone(NAME, 16000, 0.2, CLOCK)) as microphone:
        before = next(blocks(microphone))
        microphone._arrived.clear()
        while microphone._ring.end_frame < 2 * RATE_HZ:
            microphone._arrived.wait(DEADLINE_S)
        after = next(blocks(microphone))
    assert after.overflowed
    assert after.first_sample > before.end_sample + 16000


@pytest.mark.parametrize(
    ("adc_jump_s", "lost_frames"),
    [(0.25, RATE_HZ // 4), (3600.0, RATE_HZ // 2), (-3600.0, 1)],
    ids=["plausible", "longer than the time that passed", "backwards"],
)
def test_an_input_overflow_advances_the_count_by_what_it_lost(
    virtual_microphone: VirtualMicrophone,  # noqa: ARG001 (it is opened by its name)
    adc_jump_s: float,
    lost_frames: int,
) -> None:
    """PortAudio's report is made by hand: the sound server buffers too much to overflow."""
    clock = ManualClock()
    microphone = Microphone(NAME, RATE_HZ, 10.0, clock)
    next(blocks(microphone))
    microphone.close()
    before = microphone._ring.end_frame
    heard_until_lost(microphone)
    clock.advance(0.5)
    adc_time = SimpleNamespace(inputBufferAdcTime=microphone._expected_adc_s + adc_jump_s)
    frames = np.ones((441, 2), np.int16)
    microphone._on_audio(frames, 441, adc_time, SimpleNamespace(input_overflow=True))
    block = microphone.read(0.0)
    assert block is not None
    assert block.overflowed
    assert abs(block.first_sample - before - lost_frames) <= 1
    assert microphone.input_overflows == 1


def test_plugged_in_again_it_is_heard_again(virtual_microphone: VirtualMicrophone) -> None:
    virtual_microphone.add_silent_source()
    source = ReopeningSource(lambda: Microphone(NAME, 16000, 10.0, CLOCK), CLOCK)
    with closing(source):
        read_until(source, lambda block: block is not None)
        virtual_microphone.unplug()
        read_until(source, lambda _: source.lost is not None)
        lost_at_sample = source._end_sample
        virtual_microphone.plug()
        back: list[AudioBlock] = []

        def heard_again(block: AudioBlock | None) -> bool:
            back.extend([block] if block is not None else [])
            return len(back) >= 5

        read_until(source, heard_again)
    assert source.lost is None
    assert [block.overflowed for block in back] == [True, False, False, False, False]
    assert back[0].first_sample > lost_at_sample
    assert back[0].samples.any()


def test_a_sound_server_that_hangs_is_a_loss_until_it_goes_on(
    virtual_microphone: VirtualMicrophone,
) -> None:
    source = ReopeningSource(lambda: Microphone(NAME, 16000, 10.0, CLOCK), CLOCK)
    with closing(source):
        read_until(source, lambda block: block is not None)
        virtual_microphone.freeze()
        read_until(source, lambda _: "has not answered" in str(source.lost))
        virtual_microphone.thaw()
        read_until(source, lambda block: block is not None)
    assert source.lost is None


def test_it_is_listed_with_the_text_for_the_configuration(
    virtual_microphone: VirtualMicrophone,  # noqa: ARG001 (it is listed)
) -> None:
    listed = {microphone.name: microphone for microphone in list_microphones()}
    assert listed[NAME].sample_rate_hz == RATE_HZ
    assert str(listed[NAME]).startswith(f'device: "{NAME}"  # ')


def test_a_device_whose_name_is_no_text_hides_no_other(
    virtual_microphone: VirtualMicrophone,
) -> None:
    virtual_microphone.add_device(b"mikrof\xfcn")
    found = {each.key for each in list_microphones()}
    assert NAME in found
    assert not any(name.startswith("mikrof") for name in found)


def test_an_absent_microphone_is_an_error_that_names_the_others(
    virtual_microphone: VirtualMicrophone,  # noqa: ARG001 (it is listed)
) -> None:
    with pytest.raises(CaptureError, match=f"'gone'.*'{NAME}'"):
        Microphone("gone", 16000, 10.0, CLOCK)


def test_one_that_cannot_be_opened_says_what_to_do(
    virtual_microphone: VirtualMicrophone,  # noqa: ARG001 (it is listed)
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(**_: object) -> None:
        raise sounddevice.PortAudioError("host error\n[-9999]")

    monkeypatch.setattr(sounddevice, "InputStream", refuse)
    with pytest.raises(CaptureError, match=r"check its plug, .* \(host error \[-9999\]\)$"):
        Microphone(NAME, 16000, 10.0, CLOCK)


def test_without_portaudio_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoPortAudio:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoPortAudio(), *sys.meta_path])
    with pytest.raises(CaptureError, match="apt install libportaudio2"):
        list_microphones()


def info(index: int, name: str, is_default: bool = False) -> MicrophoneInfo:
    return MicrophoneInfo(index, name, "ALSA", 1, 48000, is_default)


USB = info(1, "USB PnP Sound Device: Audio (hw:1,0)")
HDMI = info(4, "vc4-hdmi (hw:0,0)")
PULSE = info(5, "pulse", is_default=True)
PULSE_COPY = info(6, "pulse copy")


@pytest.mark.parametrize(
    ("device", "found"),
    [("usb pnp", USB), (4, HDMI), (None, PULSE), ("pulse", PULSE), (USB.key, USB)],
)
def test_a_device_is_found(device: str | int | None, found: MicrophoneInfo) -> None:
    assert _find([USB, HDMI, PULSE, PULSE_COPY], device) is found


@pytest.mark.parametrize(
    ("microphones", "device", "message"),
    [
        ([], None, "no microphone: plug one in"),
        ([USB, HDMI], None, "no default microphone.*USB PnP.*vc4"),
        ([USB, HDMI], 0, "number 0; there are.*USB PnP.*vc4"),
        (
            [USB, HDMI, PULSE],
            "HW:",
            r"more than one.*'HW:'.*USB PnP[^,]*,0\)' \(1\), 'vc4[^,]*,0\)' \(4\)$",
        ),
    ],
)
def test_a_device_that_is_not_one_is_an_error_with_the_candidates(
    microphones: list[MicrophoneInfo], device: str | int | None, message: str
) -> None:
    with pytest.raises(CaptureError, match=message):
        _find(microphones, device)


def test_the_text_for_the_configuration_has_no_card_number() -> None:
    assert USB.key == "USB PnP Sound Device: Audio"
