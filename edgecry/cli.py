"""The command line: calls the command that was typed, turns errors into one line and a code."""

from __future__ import annotations

import argparse
import json
import os
import signal
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from edgecry.arguments import parser
from edgecry.console import (
    let_go_of_output,
    open_missing_streams,
    say,
    say_error,
    visible,
    warn_on_stderr,
    watch,
    writing,
)
from edgecry.errors import CaptureError, ConfigError, EdgecryError, RecordingError, UsageError

if TYPE_CHECKING:
    from edgecry.config.schema import Settings
    from edgecry.detection import Decision

# One thread is enough for 64 mel bands, and OpenBLAS reserves memory for every thread it may start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see docs/commands.md)."""
    open_missing_streams()
    args = parser().parse_args(argv)
    try:
        return COMMANDS[args.command](args)
    except EdgecryError as error:
        if args.debug:
            raise
        # A mistake in a config begins with its place, as compilers have it.
        prefix = "" if isinstance(error, ConfigError) else "edgecry: "
        for line in str(error).splitlines():
            say_error(line, prefix)
        return error.exit_code
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception as error:
        if args.debug:
            raise
        place = traceback.extract_tb(error.__traceback__)[-1]
        say_error(f"a defect at {place.filename}:{place.lineno}: {error!r}")
        say_error("please report it with what `edgecry --debug` and the same command print")
        return 1
    finally:
        let_go_of_output()


def _settings(args: argparse.Namespace) -> Settings:
    from edgecry.config.load import find_config, load_settings

    return load_settings(find_config(args.config, os.environ), args.overrides)


def _run(args: argparse.Namespace) -> int:
    from edgecry.app import run_daemon

    return run_daemon(lambda: _settings(args))


def _demo(args: argparse.Namespace) -> int:
    from edgecry.demo.run import run_demo

    return run_demo(args.seconds, args.seed, args.recordings)


def _check_config(args: argparse.Namespace) -> int:
    from edgecry.config.load import effective_yaml, find_config, json_schema, load_settings

    if args.schema:
        say(json.dumps(json_schema(), indent=2))
        return 0
    path = find_config(args.path or args.config, os.environ)
    if args.json:
        return _check_config_json(path, args.overrides)
    settings = load_settings(path, args.overrides)
    if args.effective:
        say(effective_yaml(settings).rstrip("\n"))
    else:
        say(f"{path or 'defaults (no file found)'}: ok")
    return 0


def _check_config_json(path: Path | None, overrides: Sequence[str]) -> int:
    from edgecry.config.load import load_settings

    code, mistakes = 0, []
    try:
        load_settings(path, overrides)
    except ConfigError as error:
        code, mistakes = error.exit_code, str(error).splitlines()
    say(json.dumps({"file": path and str(path), "ok": not mistakes, "mistakes": mistakes}))
    return code


def _list_devices(args: argparse.Namespace) -> int:
    from edgecry.capture.microphone import list_microphones

    microphones = list_microphones()
    if not microphones:
        raise CaptureError("no microphone found: is it plugged in, is the user in group audio?")
    for microphone in microphones:
        say(json.dumps(microphone.as_dict()) if args.json else str(microphone))
    return 0


def _classify(args: argparse.Namespace) -> int:
    warn_on_stderr()
    from edgecry.commands.classify import as_json, as_text, classify
    from edgecry.inference.classifier import load_classifier
    from edgecry.inference.reasons import load_reasons

    if args.scores and not args.json:
        raise UsageError("--scores goes with --json; add it")
    settings = _settings(args)
    scorer = load_classifier(settings.detection.model)
    reasons = load_reasons(settings.detection.model, scorer.manifest) if args.reasons else None

    def one(file: str) -> None:
        verdict = classify(file, scorer, settings, reasons)
        if args.json:
            say(json.dumps(as_json(verdict, scorer, args.scores)))
        else:
            say(visible(as_text(verdict)))

    return _each(args.files, one)


def _replay(args: argparse.Namespace) -> int:
    warn_on_stderr()
    from edgecry.commands.replay import replay
    from edgecry.inference.classifier import load_classifier
    from edgecry.inference.reasons import load_reasons

    if args.scores and len(args.files) > 1:
        raise UsageError("--scores takes the scores of one recording; give one FILE")
    settings = _settings(args)
    scorer = load_classifier(settings.detection.model)
    guessing = settings.detection.reasons == "experimental"
    reasons = load_reasons(settings.detection.model, scorer.manifest) if guessing else None
    seq = count(1)
    path = args.scores or os.devnull
    with writing(path), _writable(path) as scores:
        scores.write("t_s,p_cry\n")

        def observe(decision: Decision) -> None:
            scores.write(f"{decision.now_s:.3f},{decision.score.p_cry:.6f}\n")

        def tell(event: dict[str, Any]) -> None:
            say(json.dumps(event))

        def one(file: str) -> None:
            replay(file, scorer, settings, seq, tell, observe, reasons)

        return _each(args.files, one)


def _writable(path: str) -> TextIO:
    try:
        return Path(path).open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


def _status(args: argparse.Namespace) -> int:
    from edgecry.commands.status import as_json, as_text
    from edgecry.outputs.status import PUBLISH_EVERY_S
    from edgecry.outputs.status_file import read_status, status_path

    settings = _settings(args)

    def look() -> tuple[bool, str]:
        seen = read_status(settings.runtime_dir)
        runs = seen is not None and seen.runs
        if args.json:
            return runs, json.dumps(as_json(seen))
        rows = as_text(seen, datetime.now().astimezone(), status_path(settings.runtime_dir))
        return runs, "\n".join(map(visible, rows))

    if args.watch:
        watch(lambda: look()[1], PUBLISH_EVERY_S, redraw=not args.json)
        return 0
    runs, text = look()
    say(text)
    return 0 if runs else 1


def _log(args: argparse.Namespace) -> int:
    from edgecry.commands.log import as_json, as_text, flaws, lines_since, listed, since
    from edgecry.outputs.journal import JournalReader, journal_folder

    moment = since(args.since, datetime.now().astimezone()) if args.since else None
    folder = journal_folder(_settings(args).state_dir)
    reader = JournalReader(folder)
    text = as_json if args.json else as_text()
    try:
        for line in lines_since(listed(reader, args.follow), moment):
            say(visible(text(line)))
    except KeyboardInterrupt:
        if not args.follow:
            raise
    for flaw in flaws(reader, folder):
        say_error(flaw)
    return 0


def _silence(args: argparse.Namespace) -> int:
    from edgecry.config.schema import Settings
    from edgecry.outputs.panel import open_panel

    try:
        settings = _settings(args)
    except ConfigError:
        say_error("the configuration is wrong; the pins of the defaults are silenced")
        settings = Settings()
    open_panel(settings.panel).close()
    return 0


def _each(files: Sequence[str], one: Callable[[str], None]) -> int:
    """Do every file, and every recording of a folder.

    One that cannot be decoded is reported and does not stop the others.
    """
    from edgecry.capture.recording import recordings_in

    code = 0
    waiting = deque(files)
    while waiting:
        try:
            file = waiting.popleft()
            if Path(file).is_dir():
                waiting.extendleft(str(path) for path in reversed(recordings_in(Path(file))))
            else:
                one(file)
        except RecordingError as error:
            say_error(str(error))
            code = error.exit_code
    return code


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "demo": _demo,
    "check-config": _check_config,
    "list-devices": _list_devices,
    "classify": _classify,
    "replay": _replay,
    "status": _status,
    "log": _log,
    "silence": _silence,
}
