"""What makes the monitor quieter, or guess, has to be asked for."""

from edgecry.config.schema import Settings


def test_nothing_that_silences_or_guesses_is_on_unless_somebody_has_switched_it_on() -> None:
    settings = Settings()
    assert settings.panel.buzzer == "always"
    assert settings.alarm.allow_audio_off is False
    assert settings.detection.reasons == "off"
    assert settings.detection.operating_point == "balanced"
    assert settings.privacy.clips is False
    assert settings.audio.source == "microphone"
