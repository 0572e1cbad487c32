"""What a ward hears: short fusses stay low, a cry becomes medium, and the buzzer is rarely on."""

import pytest
from support.hour import Toll, beside_the_cot, live_through

from edgecry.config.schema import Settings
from edgecry.inference.classifier import load_classifier

MINUTES = 8.0


@pytest.fixture(scope="module")
def toll(tmp_path_factory: pytest.TempPathFactory) -> Toll:
    settings = Settings()
    scorer = load_classifier(settings.detection.model)
    folder = tmp_path_factory.mktemp("hour")
    return live_through(beside_the_cot(60 * MINUTES, seed=1), scorer, settings, folder)


def test_a_fuss_of_under_3_s_raises_nothing_above_low(toll: Toll) -> None:
    fusses = [cry for cry in toll.scene.cries if cry.end_s - cry.onset_s < 3.0]
    assert len(fusses) >= 5
    assert {toll.priority(fuss) for fuss in fusses} <= {None, "low"}


def test_a_cry_that_goes_on_becomes_medium(toll: Toll) -> None:
    cries = [cry for cry in toll.scene.cries if cry.end_s - cry.onset_s >= 12.0]
    assert [toll.priority(cry) for cry in cries] == ["medium"] * len(cries)


def test_what_nobody_answers_is_escalated_each_minute_and_no_oftener(toll: Toll) -> None:
    [long] = [cry for cry in toll.scene.cries if cry.end_s - cry.onset_s > 60.0]
    escalated = [event for event in toll.events if event.phase == "escalate"]
    assert len(escalated) == 1
    assert long.onset_s + 60.0 < escalated[0].at_s < long.end_s


def test_the_buzzer_sounds_as_its_patterns_say(toll: Toll) -> None:
    """One pulse for each alarm that stays low; three now and every 15 s while one is medium."""
    starts = toll.count("start")
    medium_s = sum(
        event.at_s - risen.at_s
        for event in toll.events
        if event.phase == "end"
        for risen in toll.events
        if risen.alarm == event.alarm and risen.phase == "update"
    )
    bursts_at_most = toll.count("update") + toll.count("escalate") + medium_s / 15.0
    assert 0.2 * starts <= toll.sounding_s <= 0.2 * starts + 0.6 * bursts_at_most
