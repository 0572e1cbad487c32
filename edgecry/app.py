"""The composition root: the one place where parts are built and joined."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from signal import Signals

from edgecry.alarm_desk import AlarmDesk, EventSink
from edgecry.button_desk import ButtonDesk
from edgecry.capture.microphone import Microphone
from edgecry.capture.recording import open_recording
from edgecry.capture.reopening import ReopeningSource
from edgecry.chronicle import Chronicle
from edgecry.clock import Clock, SystemClock
from edgecry.config.load import effective_sha256
from edgecry.config.schema import Settings
from edgecry.console import configure_logging, flush_log, set_level
from edgecry.decision.alarm_system import AlarmSystem
from edgecry.decision.own_sound import OwnSound
from edgecry.detection import Decision, detector_for
from edgecry.errors import ModelError, RefusedError
from edgecry.health.check import Check
from edgecry.health.delivery import BrokerLost
from edgecry.health.heat import Heat
from edgecry.health.liveness import Liveness
from edgecry.health.metrics import Machine, space
from edgecry.health.microphone import MicrophoneHealth
from edgecry.health.model import ModelHealth
from edgecry.health.overload import Overload
from edgecry.health.status_line import status_line
from edgecry.health.storage import Storage, Store
from edgecry.health.supervisor import Supervisor
from edgecry.health.systemd import ServiceManager
from edgecry.health.timekeeping import Timekeeping
from edgecry.inference.classifier import load_classifier
from edgecry.inference.manifest import Manifest
from edgecry.inference.reasons import load_reasons
from edgecry.inference.self_check import SelfCheck
from edgecry.local_status import LocalStatus
from edgecry.monitor import STOP_SIGNALS, Monitor
from edgecry.outputs.annunciator import Annunciator
from edgecry.outputs.event_log import log_event
from edgecry.outputs.journal import Journal, journal_folder
from edgecry.outputs.messages import EventMessage, alarm_number
from edgecry.outputs.mqtt import MqttSender
from edgecry.outputs.outbox import Outbox
from edgecry.outputs.panel import Panel, open_panel
from edgecry.outputs.status_file import StatusFile
from edgecry.pipeline import AudioSource, Pipeline
from edgecry.reasoning import Reasoner
from edgecry.receipts import Receipts
from edgecry.reloading import Reloader
from edgecry.remote.commander import Commander
from edgecry.remote.inbox import Inbox
from edgecry.remote.self_test import SelfTest
from edgecry.report import Reporter, identity_of
from edgecry.signals import SignalInbox
from edgecry.types import AlarmEvent, Change, ControlEvent, Event

log = logging.getLogger(__name__)

SELF_TEST_S = 10.0
"""How long a self-test waits for a station where `alarm.receipt_s` expects none."""
REMINDERS: tuple[Change, ...] = ("audio-off-reminder", "standby-reminder")


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    source: AudioSource | None = None,
    panel: Panel | None = None,
    observe: Callable[[Decision], None] | None = None,
    sinks: Sequence[EventSink] = (log_event,),
    machine: Machine | None = None,
    load: Callable[[], Settings] | None = None,
) -> Monitor:
    """Join the parts as the settings say.

    For the demo, `source` and `panel` replace the real ones, `observe` sees every decision, and
    `sinks` see every event besides MQTT, in place of the log. `machine` is the one whose
    temperature is asked. `load` reads the configuration again; without it nothing changes then.

    Raises EdgecryError if the model, the panel, a recording or the MQTT credentials cannot be
    used. A missing microphone, broker or disk is no error here: those are alarms.
    """
    clock = clock or SystemClock()
    machine = machine or Machine()
    classifier = load_classifier(settings.detection.model)
    manifest = classifier.manifest
    reasoner = _reasoner(settings, manifest)
    hears_the_room = source is None and settings.audio.source == "microphone"
    with ExitStack() as undo:
        outbox = Outbox(Path(settings.state_dir) / "outbox.db", clock)
        undo.callback(outbox.close)
        inbox = Inbox(clock)
        sender = MqttSender(settings.mqtt, settings.device.id, outbox, clock, receive=inbox.take)
        receipts = Receipts(settings.alarm.receipt_s, settings.panel.buzzer, sender, clock)
        identity = identity_of(settings, manifest)
        journal = Journal(
            journal_folder(settings.state_dir), settings.device.id, identity.boot_id, clock
        )
        chronicle = Chronicle(journal, identity, sender, outbox, clock)

        def keep(event: AlarmEvent, message: EventMessage) -> None:
            receipts.raised(event, message.event_id)
            chronicle.alarm(event, message)

        def tell_self_test(event: AlarmEvent) -> str:
            for sink in sinks:
                sink(event)
            return reporter.self_test(event)

        reporter = Reporter(sender, keep, identity, clock, classifier.runtime, machine)
        source = source or _open_source(settings, manifest.features.log_mel.sample_rate_hz, clock)
        undo.callback(source.close)

        panel = panel or open_panel(settings.panel)
        undo.callback(panel.close)
        annunciator = Annunciator(panel, clock, audible=settings.panel.buzzer != "never")
        desk = AlarmDesk(
            AlarmSystem(settings.alarm),
            annunciator.show,
            [reporter.event, chronicle.event, *sinks, partial(_remind, annunciator.chirp)],
            clock,
            [reporter.state],
            receipts.audible,
        )
        button = ButtonDesk(
            panel.button_closed,
            {
                "short": partial(desk.short_press, "button"),
                "long": partial(desk.long_press, "button"),
            },
            annunciator.chirp,
            clock,
        )
        panel.on_button(button.edge)

        def own_sound() -> OwnSound:
            return OwnSound(lambda: annunciator.pulses if hears_the_room else ())

        detector = detector_for(settings, classifier, reasoner, own_sound())
        liveness = Liveness(settings.health.blind_after_s, clock.monotonic_s())
        model = ModelHealth(SelfCheck(classifier).run)
        microphone = MicrophoneHealth(own_sound().hides)
        pipeline = Pipeline(source, detector, desk, liveness, clock, observe, model, microphone)
        manager = ServiceManager()
        supervisor = Supervisor(
            liveness=liveness,
            checks=_checks(
                settings,
                pipeline,
                model,
                liveness,
                button,
                sender,
                receipts,
                [outbox, journal],
                machine,
                clock,
            ),
            faults=desk,
            signaller=annunciator,
            manager=manager,
            clock=clock,
            status=lambda: status_line(pipeline.last, desk.situation, sender.connected),
            report_health=lambda: reporter.health(pipeline, liveness, inbox),
            health_interval_s=settings.health.interval_s,
        )
        status = LocalStatus(
            settings,
            reporter,
            pipeline,
            liveness,
            inbox,
            sender,
            outbox,
            StatusFile(settings.runtime_dir),
            clock,
        )
        reloader = Reloader(load or (lambda: settings), _apply_live, settings, chronicle, clock)
        commander = Commander(
            inbox,
            desk,
            SelfTest(
                annunciator.try_out,
                tell_self_test,
                settings.alarm.receipt_s or SELF_TEST_S,
                clock,
            ),
            receipts,
            number_of=lambda alarm_id: alarm_number(identity, alarm_id),
            reloader=reloader,
            answer=sender.post_result,
            record=chronicle.command,
            clock=clock,
        )
        reporter.state(desk.situation)
        chronicle.started(classifier.runtime, effective_sha256(settings))
        undo.pop_all()
    log.info(
        "listening as %s with %s %s on %s",
        settings.device.id,
        manifest.name,
        manifest.version,
        classifier.runtime,
    )
    return Monitor(
        pipeline,
        annunciator,
        button,
        sender,
        commander,
        reloader,
        outbox,
        journal,
        chronicle,
        status,
        supervisor,
        manager,
        clock,
    )


def _remind(chirp: Callable[[int], None], event: Event) -> None:
    """Three chirps say that no alarm would sound, now and then, until one would."""
    if isinstance(event, ControlEvent) and event.change in REMINDERS:
        chirp(3)


def run_daemon(load: Callable[[], Settings]) -> int:
    """`edgecry run`. SIGTERM and SIGINT stop it, SIGHUP reads the configuration again."""
    with SignalInbox(*STOP_SIGNALS, Signals.SIGHUP) as signals:
        settings = load()
        configure_logging(settings.logging.level)
        monitor = build(settings, load=load)

        def reload_if_asked(caught: Signals | None) -> None:
            if caught is Signals.SIGHUP:
                with suppress(RefusedError):  # it is being read already
                    monitor.reloader.begin()

        try:
            monitor.run(signals, reload_if_asked)
        finally:
            flush_log()
    return 0


def _apply_live(settings: Settings) -> None:
    set_level(settings.logging.level)


def _reasoner(settings: Settings, detector: Manifest) -> Reasoner | None:
    """What guesses reasons, if it is wanted. It must never keep the monitor from listening."""
    if settings.detection.reasons == "off":
        return None
    try:
        reasons = load_reasons(settings.detection.model, detector)
    except ModelError as error:
        log.error("events carry no reason (experimental): %s", error)
        return None
    model = reasons.manifest
    log.info("events carry a reason (experimental) by %s %s", model.name, model.version)
    return Reasoner(reasons)


def _open_source(settings: Settings, sample_rate_hz: int, clock: Clock) -> AudioSource:
    if settings.audio.source != "microphone":
        return open_recording(settings.audio.source, sample_rate_hz, clock, speed=1.0)

    def open_microphone() -> Microphone:
        return Microphone(settings.audio.device, sample_rate_hz, settings.audio.buffer_s, clock)

    return ReopeningSource(open_microphone, clock)


def _checks(
    settings: Settings,
    pipeline: Pipeline,
    model: ModelHealth,
    liveness: Liveness,
    button: ButtonDesk,
    sender: MqttSender,
    receipts: Receipts,
    stores: Sequence[Store],
    machine: Machine,
    clock: Clock,
) -> list[Check]:
    """Everything that can be wrong with the monitor; what blinds it is a medium alarm."""
    microphone = pipeline.microphone
    overload = Overload(liveness, excused=lambda: microphone.is_lost or model.trouble is not None)
    storage = Storage(stores, lambda: space(Path(settings.state_dir)))
    return [
        Check("mic-lost", "medium", lambda _: microphone.trouble("mic-lost")),
        Check("mic-silent", "medium", lambda _: microphone.trouble("mic-silent")),
        Check("mic-clipping", "medium", lambda _: microphone.trouble("mic-clipping")),
        Check("overload", "medium", overload.look),
        Check("model-fault", "medium", lambda _: model.trouble),
        Check("broker-lost", "low", BrokerLost(sender).look),
        Check("no-receipt", "low", receipts.look),
        Check("over-temperature", "low", Heat(machine).look),
        Check("storage", "low", storage.look),
        Check("clock", "low", Timekeeping(clock).look),
        Check("button-stuck", "low", button.look),
    ]
