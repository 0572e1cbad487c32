"""What a clinical engineer reads first."""

import pytest
from msgspec.structs import replace

from convert.reporting.run_folder import Measured
from convert.reporting.words import operating_points


@pytest.mark.parametrize(
    ("alarms", "hours", "said"),
    [
        (0, 5.0, "No false alarm in 5.0 h; that only shows fewer than 1.40 an hour (95 %)."),
        (1, 0.5, "One false alarm in 0.5 h without a cry: one in 30 min (95 %: 0.10 to 1.40"),
        (2, 5.0, "2 false alarms in 5.0 h without a cry: one in 2.5 h (95 %: 0.10 to 1.40 an"),
    ],
)
def test_false_alarms_in_words(measured: Measured, alarms: int, hours: float, said: str) -> None:
    results = [
        replace(r, false_alarms=alarms, hours=hours, false_alarms_per_hour_ci95=(0.1, 1.4))
        for r in measured.evaluation.scene_results
    ]
    for _, sentences in operating_points(replace(measured.evaluation, scene_results=results)):
        assert any(s.startswith(said) for s in sentences)


def test_what_was_not_found_has_no_delay(measured: Measured) -> None:
    results = [replace(r, found=0, delay_median_s=None) for r in measured.evaluation.scene_results]
    for _, sentences in operating_points(replace(measured.evaluation, scene_results=results)):
        assert "half of the found ones" not in " ".join(sentences)
