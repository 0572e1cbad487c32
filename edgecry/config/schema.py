"""Every setting: its type, unit, range, default and one sentence. Nothing here does I/O.

The field's `Meta` is the single source for validation, `check-config --schema`, the table in the
docs and the messages that a technician reads. Where a pattern rules, `extra["form"]` says the same
in plain words.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of every section: immutable, and a key that it does not know is an error."""


def _text(description: str, **limits: Any) -> Meta:
    return Meta(description=description, **limits)


Id = Annotated[
    str,
    Meta(
        pattern="^[a-z0-9][a-z0-9_-]{0,62}$",
        extra={"form": "a name of a-z, 0-9, - and _, up to 63 long, first a letter or digit"},
    ),
]
Host = Annotated[
    str,
    Meta(
        pattern=r"^([^\s/:]+|[^\s/:]*(:[^\s/:]*){2,})$",
        max_length=253,
        extra={"form": "a host name or address, without mqtt:// and without the port"},
    ),
]
Topic = Annotated[
    str,
    Meta(
        pattern="^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        max_length=200,
        extra={"form": "names of A-Z, a-z, 0-9, - and _, with / between them"},
    ),
]
Name = Annotated[str, Meta(min_length=1)]
Label = Annotated[str, Meta(max_length=64)]
Pin = Annotated[int, Meta(ge=0, le=27)]


class Device(Section, frozen=True):
    """Which cot this is."""

    id: Annotated[Id, _text("Name of this monitor in MQTT topics; unique in the hospital.")] = (
        "edgecry"
    )
    ward: Annotated[Label, _text("Ward shown on alerts. Never a patient's name.")] = ""
    bed: Annotated[Label, _text("Bed or incubator shown on alerts. Never a patient's name.")] = ""


class Audio(Section, frozen=True):
    """Where the sound comes from."""

    source: Annotated[
        Name,
        _text("`microphone`, or the path of a recording or folder, played once at real time."),
    ] = "microphone"
    device: Annotated[
        Name | Annotated[int, Meta(ge=0)] | None,
        _text("Microphone: part of its name, its number (`edgecry list-devices`), or null."),
    ] = None
    buffer_s: Annotated[
        float, _text("Length of the ring buffer; audio older than this is gone.", ge=2.0, le=120.0)
    ] = 10.0


class Detection(Section, frozen=True):
    """What counts as a cry."""

    model: Annotated[Name, _text("A shipped model's name, or the path of a .tflite file.")] = (
        "cry-detector"
    )
    operating_point: Annotated[
        Literal["sensitive", "balanced", "specific", "custom"],
        _text("How readily a cry is called; `custom` takes `on` and `off`."),
    ] = "balanced"
    on: Annotated[
        Annotated[float, Meta(gt=0.0, lt=1.0)] | None,
        _text("Evidence at which a cry starts; only with `custom`."),
    ] = None
    off: Annotated[
        Annotated[float, Meta(gt=0.0, lt=1.0)] | None,
        _text("Evidence under which a cry may end; only with `custom`, at most `on`."),
    ] = None
    reasons: Annotated[
        Literal["off", "experimental"],
        _text(
            "`experimental`: events carry a guess why the baby cries, which of the shipped model "
            "is only `uncertain`; no alarm depends on it."
        ),
    ] = "off"


class Alarm(Section, frozen=True):
    """When an alarm starts, grows and ends, and how it may be silenced."""

    sustained_s: Annotated[
        float, _text("A cry this long becomes a medium alarm.", ge=1.0, le=300.0)
    ] = 10.0
    clear_after_s: Annotated[float, _text("Quiet this long ends the alarm.", ge=1.0, le=120.0)] = (
        5.0
    )
    escalate_s: Annotated[
        float,
        _text(
            "Unacknowledged this long, an alarm is escalated, and announced again.",
            ge=5.0,
            le=900.0,
        ),
    ] = 60.0
    receipt_s: Annotated[
        Annotated[float, Meta(ge=2.0, le=60.0)] | None,
        _text(
            "An alarm that no station confirms this soon is `no-receipt`; null without a station."
        ),
    ] = None
    acknowledge_s: Annotated[
        float,
        _text(
            "An acknowledgement holds this long; an alarm that still is sounds again.",
            ge=10.0,
            le=1800.0,
        ),
    ] = 180.0
    acknowledge_fault_s: Annotated[
        float,
        _text(
            "The same for a low fault, which waits for a technician and is told again this often.",
            ge=10.0,
            le=43200.0,
        ),
    ] = 3600.0
    pause_s: Annotated[
        float, _text("The sound is paused this long by the button.", ge=10.0, le=1800.0)
    ] = 120.0
    pause_max_s: Annotated[
        float, _text("Longest pause of the sound, however often it is renewed.", ge=10.0, le=3600.0)
    ] = 600.0
    allow_audio_off: Annotated[
        bool, _text("Let the sound be switched off with no time limit; it then reminds.")
    ] = False
    remind_s: Annotated[
        float,
        _text(
            "Sound switched off, or standby, reminds with a chirp this often.", ge=60.0, le=3600.0
        ),
    ] = 600.0


class Panel(Section, frozen=True):
    """LED, buzzer and button at the cot. Pins are BCM numbers."""

    backend: Annotated[
        Literal["auto", "gpio", "terminal", "none"],
        _text("`auto`: gpio on a Raspberry Pi, drawn in the log elsewhere."),
    ] = "auto"
    led_pin: Annotated[Pin, _text("BCM pin of the LED.")] = 17
    buzzer_pin: Annotated[Pin, _text("BCM pin of the buzzer.")] = 27
    buzzer_kind: Annotated[
        Literal["active", "passive"],
        _text("`active` sounds by itself when on; `passive` is driven by PWM."),
    ] = "active"
    buzzer_hz: Annotated[int, _text("Tone of a passive buzzer.", ge=100, le=4000)] = 800
    button_pin: Annotated[
        Pin | None, _text("BCM pin of the acknowledge button to ground; null if there is none.")
    ] = 22
    buzzer: Annotated[
        Literal["always", "when-unreceived", "never"],
        _text("Whether alarms sound at the cot; `when-unreceived`: if no station confirms them."),
    ] = "always"


class Tls(Section, frozen=True):
    """Encryption to the broker. Without `ca_file` the system's authorities are trusted."""

    enabled: Annotated[
        bool, _text("Speak TLS to the broker; certificates are always verified.")
    ] = False
    ca_file: Annotated[Name | None, _text("PEM file of the authority that signed the broker.")] = (
        None
    )
    cert_file: Annotated[Name | None, _text("PEM file of this device's certificate.")] = None
    key_file: Annotated[Name | None, _text("PEM file of this device's private key.")] = None


class Mqtt(Section, frozen=True):
    """The nurse station's broker."""

    host: Annotated[Host, _text("Name or address of the broker.")] = "localhost"
    port: Annotated[int, _text("TCP port: 1883, or 8883 with TLS.", ge=1, le=65535)] = 1883
    username: Annotated[Name | None, _text("Login at the broker; null for none.")] = None
    password_file: Annotated[
        Name | None, _text("File that holds the password, on its first line.")
    ] = None
    base_topic: Annotated[Topic, _text("What every topic begins with.")] = "edgecry"
    tls: Tls = Tls()


class Privacy(Section, frozen=True):
    """Audio lives in the ring buffer and is gone."""

    clips: Annotated[Literal[False], _text("Keep recordings: this version never does.")] = False


class Health(Section, frozen=True):
    """How the monitor reports on itself."""

    interval_s: Annotated[float, _text("Time between health messages.", ge=1.0, le=3600.0)] = 10.0
    blind_after_s: Annotated[
        float, _text("Without a scored window for this long the monitor is blind.", ge=2.0, le=10.0)
    ] = 5.0


class Logging(Section, frozen=True):
    """What goes to the journal."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], _text("Least severity that is logged.")
    ] = "info"


class Station(Section, frozen=True):
    """The nurse station reads its own keys; the device has none."""


class Settings(Section, frozen=True):
    """The whole of config.yaml."""

    version: Annotated[Literal[1], _text("Version of this file's format.")] = 1
    state_dir: Annotated[
        Name, _text("Folder for what must survive a power cut (outbox and journal).")
    ] = "/var/lib/edgecry"
    runtime_dir: Annotated[
        Name, _text("Folder in memory in which the daemon shows `edgecry status` what it does.")
    ] = "/run/edgecry"
    device: Device = Device()
    audio: Audio = Audio()
    detection: Detection = Detection()
    alarm: Alarm = Alarm()
    panel: Panel = Panel()
    mqtt: Mqtt = Mqtt()
    privacy: Privacy = Privacy()
    health: Health = Health()
    logging: Logging = Logging()
    station: Station = Station()


LATER_SETTINGS = frozenset(
    {
        "mqtt.home_assistant",
        "station.listen",
        "station.database",
    }
)
"""Settings that later versions read. Accepting one now would promise what nothing does."""

LATER_VALUES: dict[str, str | bool] = {
    "privacy.clips": True,
}
"""Values that later versions take for settings that exist."""
