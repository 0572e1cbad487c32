"""What can be typed: every command, its options and its help."""

from __future__ import annotations

import argparse

from edgecry import __version__


def parser() -> argparse.ArgumentParser:
    """Of every command. In what it reads, `command` is the name of one."""
    arguments = argparse.ArgumentParser(
        prog="edgecry",
        description="A cry monitor for neonatal incubators. An adjunct, not a certified device.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: edgecry check-config && edgecry run",
    )
    arguments.add_argument("--version", action="version", version=f"edgecry {__version__}")
    arguments.add_argument("--debug", action="store_true", help="show a traceback when it fails")
    commands = arguments.add_subparsers(dest="command", metavar="COMMAND", required=True)

    run = _command(commands, "run", "the daemon", "edgecry run --config config.yaml")
    _config_options(run)

    demo = _command(
        commands,
        "demo",
        "everything on one machine with no hardware",
        "edgecry demo --seconds 40",
    )
    demo.add_argument(
        "--seconds", type=_positive, default=40.0, help="how long it plays (default 40)"
    )
    demo.add_argument("--recordings", metavar="DIR", help="real recordings instead of synthetic")
    demo.add_argument("--seed", type=int, default=0, help="another scene (default 0)")

    check = _command(
        commands,
        "check-config",
        "every mistake in a config at once",
        "edgecry check-config /etc/edgecry/config.yaml",
    )
    check.add_argument("path", nargs="?", metavar="PATH", help="the file (default: as for run)")
    _config_options(check)
    what = check.add_mutually_exclusive_group()
    what.add_argument("--effective", action="store_true", help="print the merged result as YAML")
    what.add_argument("--schema", action="store_true", help="print the JSON schema")
    what.add_argument("--json", action="store_true", help="the mistakes as one object")

    devices = _command(
        commands,
        "list-devices",
        "the microphones, and what to put in config.yaml",
        "edgecry list-devices",
    )
    devices.add_argument("--json", action="store_true", help="one object a line")

    classify = _command(
        commands,
        "classify",
        "is there a cry in these recordings, and when",
        "edgecry classify --json night.flac",
    )
    classify.add_argument("files", nargs="+", metavar="FILE")
    classify.add_argument("--json", action="store_true", help="one object a line")
    classify.add_argument("--scores", action="store_true", help="with --json: every window's score")
    classify.add_argument(
        "--reasons", action="store_true", help="also guess why the baby cries (experimental)"
    )
    _config_options(classify)

    replay = _command(
        commands,
        "replay",
        "the daemon's pipeline and alarms over recordings, at full speed",
        "edgecry replay --set alarm.sustained_s=5 night.flac",
    )
    replay.add_argument("files", nargs="+", metavar="FILE")
    replay.add_argument("--json", action="store_true", help="accepted; the output always is JSON")
    replay.add_argument("--scores", metavar="PATH", help="also write t_s,p_cry as CSV")
    _config_options(replay)

    status = _command(
        commands,
        "status",
        "what the running daemon is doing",
        "edgecry status --watch",
    )
    status.add_argument("--json", action="store_true", help="one object (a line with --watch)")
    status.add_argument("--watch", action="store_true", help="again every second, until Ctrl-C")
    _config_options(status)

    log = _command(
        commands,
        "log",
        "what happened at this cot: alarms, who acknowledged, faults, starts and stops",
        "edgecry log --since 8h",
    )
    log.add_argument("--since", metavar="WHEN", help='90s, 30min, 8h, 2d, or "2026-01-31 03:00"')
    log.add_argument("--follow", action="store_true", help="go on with what comes, until Ctrl-C")
    log.add_argument("--json", action="store_true", help="one object a line")
    _config_options(log)

    silence = _command(
        commands,
        "silence",
        "LED and buzzer off (systemd runs it after a crash)",
        "edgecry silence",
    )
    _config_options(silence)
    return arguments


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    summary: str,
    example: str,
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"example: {example}",
    )


def _config_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="PATH", help="configuration file")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="overrides",
        help="override a setting, as in --set mqtt.port=1884 (repeatable)",
    )


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value
