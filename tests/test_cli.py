"""The command line as scripts see it: fields, exit codes, one line for each mistake."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from support.reasons import models_with_reasons

from edgecry import cli
from edgecry.capture import microphone
from edgecry.demo.infant import bout, plan_bout, some_infant

RATE_HZ = 16000


@pytest.fixture(scope="module")
def cry(tmp_path_factory) -> str:
    """Six seconds of a synthetic cry between quiet."""
    rng = np.random.default_rng(0)
    sound = 0.1 * bout(rng, some_infant(rng), plan_bout(rng, 6.0), 6.0)
    noise = rng.normal(0, 1e-3, 18 * RATE_HZ)
    noise[2 * RATE_HZ : 2 * RATE_HZ + len(sound)] += np.clip(sound, -0.9, 0.9)
    path = tmp_path_factory.mktemp("cli") / "cry.wav"
    soundfile.write(path, noise, RATE_HZ)
    return str(path)


@pytest.fixture(autouse=True)
def _defaults(tmp_path, monkeypatch) -> None:
    """No configuration of this machine: an empty one."""
    config = tmp_path / "config.yaml"
    config.write_text("version: 1\n")
    monkeypatch.setenv("EDGECRY_CONFIG", str(config))


def test_classify_json_has_the_fields_of_the_contract_in_its_order(cry, capsys) -> None:
    assert cli.main(["classify", "--json", "--scores", cry]) == 0
    [line] = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    names = ["file", "duration_s", "cry", "p_cry", "events", "scores", "reasons", "model"]
    assert list(found) == names
    assert (found["file"], found["duration_s"], found["reasons"]) == (cry, 18.0, None)
    assert found["cry"] is True
    assert 0 < found["p_cry"] <= 1
    assert list(found["model"]) == ["name", "version", "sha256"]
    event = found["events"][0]
    assert list(event) == ["onset_s", "end_s", "detected_s", "peak_p_cry"]
    assert event["onset_s"] <= event["detected_s"] <= event["end_s"] <= found["duration_s"]
    assert event["detected_s"] <= 2.0 + 3.0, "within 3 s of the onset"
    assert all(0 <= p_cry <= 1 for _, p_cry in found["scores"])
    surest = sorted(p_cry for _, p_cry in found["scores"])[-4:]
    assert found["p_cry"] == pytest.approx(sum(surest) / 4, abs=1e-5)


def test_classify_json_without_scores_leaves_them_out(cry, capsys) -> None:
    assert cli.main(["classify", "--json", cry]) == 0
    assert "scores" not in json.loads(capsys.readouterr().out)


def test_classify_never_tells_of_a_cry_after_the_recording_s_end(tmp_path, cry, capsys) -> None:
    samples, _ = soundfile.read(cry)
    short = tmp_path / "short.wav"
    soundfile.write(short, samples[int(2.2 * RATE_HZ) : int(2.9 * RATE_HZ)], RATE_HZ)
    always = "--set=detection.operating_point=custom", "--set=detection.on=1e-6"
    assert cli.main(["classify", *always, "--set=detection.off=1e-7", str(short)]) == 0
    assert "0.0 to 0.7 s" in capsys.readouterr().out


def test_scores_without_json_are_refused_not_dropped(cry, capsys) -> None:
    assert cli.main(["classify", "--scores", cry]) == 2
    assert "--json" in capsys.readouterr().err


@pytest.fixture
def reasons(tmp_path) -> str:
    """The `--set` for the detector with a reasons model beside it."""
    return f"--set=detection.model={models_with_reasons(tmp_path)}"


def test_classify_gives_the_reason_of_a_cry_and_none_without_one(
    cry, reasons, tmp_path, capsys
) -> None:
    quiet = tmp_path / "quiet.wav"
    soundfile.write(quiet, np.random.default_rng(0).normal(0, 1e-3, 3 * RATE_HZ), RATE_HZ)
    assert cli.main(["classify", "--json", "--reasons", reasons, cry, str(quiet)]) == 0
    of_cry, of_quiet = map(json.loads, capsys.readouterr().out.splitlines())
    assert of_quiet["reasons"] is None
    told = of_cry["reasons"]
    assert list(told) == ["label", "probabilities", "experimental", "model"]
    assert told["label"] in {"hungry", "tired", "uncertain"}
    assert list(told["probabilities"]) == ["hungry", "tired", "belly_pain"]
    assert sum(told["probabilities"].values()) == pytest.approx(1.0, abs=1e-9)
    assert told["experimental"] is True
    assert told["model"]["name"] == "tiny-reasons"
    assert list(told["model"]) == list(of_cry["model"])


def test_classify_asks_no_reasons_model_unless_told_to(cry, reasons, capsys) -> None:
    assert cli.main(["classify", "--json", reasons, cry]) == 0
    assert json.loads(capsys.readouterr().out)["reasons"] is None


def test_a_person_reads_that_the_reason_is_experimental(cry, reasons, capsys) -> None:
    assert cli.main(["classify", "--reasons", reasons, cry]) == 0
    assert ", reason (experimental): " in capsys.readouterr().out


def test_reasons_without_a_model_for_them_is_a_failure_in_one_line(
    cry, reasons, tmp_path, capsys
) -> None:
    (tmp_path / "cry-reasons.tflite").unlink()
    wanted = "--set=detection.reasons=experimental"
    for command in (["classify", "--reasons"], ["replay", wanted]):
        assert cli.main([*command, reasons, cry]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert "there is no reasons model" in err
        assert len(err.splitlines()) == 1


def test_replay_with_reasons_gives_the_same_events_but_for_the_reason(cry, reasons, capsys) -> None:
    told = []
    for wanted in ("off", "experimental"):
        settings = [reasons, f"--set=detection.reasons={wanted}", "--set=alarm.sustained_s=2"]
        assert cli.main(["replay", *settings, cry]) == 0
        events = map(json.loads, capsys.readouterr().out.splitlines())
        told.append(
            [{k: v for k, v in e.items() if not k.endswith(("_id", "_at"))} for e in events]
        )
    without, with_reasons = told
    assert {event["phase"] for event in without} >= {"start", "update", "end"}
    assert all(event.pop("reason") is None for event in without)
    for event in with_reasons:
        reason = event.pop("reason")
        assert reason["experimental"] is True
        assert reason["model"]["name"] == "tiny-reasons"
        assert sum(reason["probabilities"].values()) == pytest.approx(1.0, abs=1e-9)
    assert with_reasons == without, "priorities and all"


EVENT_FIELDS = {
    *("schema", "event_id", "alarm_id", "seq", "boot_id", "device", "ward", "bed"),
    *("kind", "code", "phase", "priority"),
    *("onset_at", "detected_at", "ended_at", "published_at", "clock_synced", "late"),
    *("duration_s", "p_cry", "threshold", "level_dbfs", "reason", "acknowledged_by"),
    *("detail", "test", "model"),
}


def test_replay_prints_the_events_of_the_contract(cry, capsys) -> None:
    assert cli.main(["replay", cry, cry]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[0]["phase"], events[-1]["phase"]) == ("start", "end")
    for event in events:
        assert set(event) == EVENT_FIELDS | {"file", "audio_s"}
        assert event["schema"] == "edgecry.event/1"
        assert event["late"] is event["test"] is False
    dated = {(event["alarm_id"], event["onset_at"], event["detected_at"]) for event in events}
    assert len(dated) == len({event["alarm_id"] for event in events}) == 2


def test_check_config_json_tells_every_mistake(tmp_path, capsys) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("version: 1\nmqtt:\n  port: 99999\n  hots: a\n")
    assert cli.main(["check-config", "--json", str(path)]) == 78
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert told["file"] == str(path)
    assert [mistake.split(": ")[1] for mistake in told["mistakes"]] == ["mqtt.port", "mqtt.hots"]


def test_check_config_json_of_a_good_file(capsys) -> None:
    assert cli.main(["check-config", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"file": os.environ["EDGECRY_CONFIG"], "ok": True, "mistakes": []}


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_no_microphone_is_a_failure_in_one_line(options, monkeypatch, capsys) -> None:
    monkeypatch.setattr(microphone, "list_microphones", lambda: [])
    assert cli.main(["list-devices", *options]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("edgecry: ")
    assert len(err.splitlines()) == 1


def test_a_defect_is_told_in_two_lines_and_shown_whole_with_debug(monkeypatch, capsys) -> None:
    def broken() -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(microphone, "list_microphones", broken)
    assert cli.main(["list-devices"]) == 1
    err = capsys.readouterr().err
    assert "ZeroDivisionError" in err
    assert "--debug" in err
    assert len(err.splitlines()) <= 2
    with pytest.raises(ZeroDivisionError):
        cli.main(["--debug", "list-devices"])


def test_a_reader_that_leaves_is_no_defect() -> None:
    command = f"{sys.executable} -m edgecry check-config --schema | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120)
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["classify"], ["run", "--set"]])
def test_wrong_usage_is_2(arguments) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main(arguments)
    assert exit_.value.code == 2
