"""config.yaml and --set: what is read, and that every mistake is reported at its place."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from edgecry.config import document, load
from edgecry.config.load import find_config, load_settings
from edgecry.config.schema import LATER_SETTINGS, LATER_VALUES, Settings
from edgecry.errors import ConfigError

in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request, monkeypatch):
    """Both parsers that PyYAML may come with."""
    if not hasattr(yaml, request.param):
        pytest.skip(f"this PyYAML has no {request.param}")
    monkeypatch.setattr(document, "_LOADER", getattr(yaml, request.param))


@pytest.fixture
def config(tmp_path):
    """Write a config file and give its path."""

    def write(text: str | bytes) -> Path:
        path = tmp_path / "config.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def mistakes(path: Path | None, *overrides: str) -> list[str]:
    """The lines of the error, without the folder."""
    with pytest.raises(ConfigError) as caught:
        load_settings(path, overrides)
    return [
        line.removeprefix(f"{path.parent}/" if path else "")
        for line in str(caught.value).splitlines()
    ]


def one(path: Path | None, *overrides: str) -> str:
    (line,) = mistakes(path, *overrides)
    return line


def test_no_file_gives_the_defaults():
    assert load_settings(None) == Settings()


@pytest.mark.parametrize(
    "text",
    ["", "\n", "# only a comment\n", "---\n", "---\n...\n", "privacy:\nmqtt: null\nstation: ~\n"],
)
@pytest.mark.usefixtures("loader")
def test_an_empty_file_or_section_gives_the_defaults(config, text):
    assert load_settings(config(text)) == Settings()


@pytest.mark.usefixtures("loader")
def test_five_mistakes_give_five_lines_at_their_places(config):
    path = config(
        "version: 1\n"
        "device:\n"
        "  id: Bed 7\n"
        "mqtt:\n"
        "  port: 99999\n"
        "  hots: broker\n"
        "panel:\n"
        "  led_pin: seventeen\n"
        "detection:\n"
        "  operating_point: balancd\n"
    )
    assert mistakes(path) == [
        "config.yaml:3:7: device.id: 'Bed 7' does not fit, write a name of a-z, 0-9, - and _, "
        "up to 63 long, first a letter or digit",
        "config.yaml:5:9: mqtt.port: 99999 is too large, at most 65535",
        "config.yaml:6:3: mqtt.hots: is not a setting, did you mean `host`?",
        "config.yaml:8:12: panel.led_pin: 'seventeen' is not a whole number in decimal digits "
        "without leading zeros, write a whole number from 0 to 27",
        "config.yaml:10:20: detection.operating_point: 'balancd' is not possible, write one of "
        "sensitive, balanced, specific, custom (did you mean balanced?)",
    ]


def test_mistakes_of_the_file_come_first_in_order_then_those_of_the_command_line(config):
    path = config("panel:\n  button_pin: 99\nmqtt:\n  port: 0\n")
    assert [line.partition(" ")[0] for line in mistakes(path, "x=1", "mqtt.port=-1")] == [
        "config.yaml:2:15:",
        "config.yaml:4:9:",
        "--set",
        "--set",
    ]


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("device: {bed: 12}", ("device", "bed", "12")),
        ("device: {bed: 007}", ("device", "bed", "007")),
        ("device: {ward: yes}", ("device", "ward", "yes")),
        ("device: {ward: 1e3}", ("device", "ward", "1e3")),
        ("device:\n  ward:\n", ("device", "ward", "")),
        ("device: {id: no}", ("device", "id", "no")),
        ("device: {id: 2026-01-01}", ("device", "id", "2026-01-01")),
        ("detection: {reasons: off}", ("detection", "reasons", "off")),
        ("detection: {reasons: 'off'}", ("detection", "reasons", "off")),
        ("audio: {device: 2}", ("audio", "device", 2)),
        ("audio: {device: '2'}", ("audio", "device", "2")),
        ("audio: {device: USB, buffer_s: 20}", ("audio", "device", "USB")),
        ("audio: {device: ~}", ("audio", "device", None)),
        ("audio: {buffer_s: 1e1}", ("audio", "buffer_s", 10.0)),
        ("panel: {button_pin: null}", ("panel", "button_pin", None)),
        ("mqtt: {username: }", ("mqtt", "username", None)),
        ("mqtt: {host: 'fe80::1%eth0'}", ("mqtt", "host", "fe80::1%eth0")),
        ('"mqtt": {"port": 1884}', ("mqtt", "port", 1884)),
        ("\ufeffmqtt:\r\n  port: 1884\r\n", ("mqtt", "port", 1884)),
    ],
)
@pytest.mark.usefixtures("loader")
def test_a_value_is_read_as_its_setting_wants_it(config, text, reads):
    section, key, value = reads
    read = getattr(getattr(load_settings(config(text)), section), key)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.usefixtures("loader")
def test_on_and_off_are_names_not_booleans(config):
    path = config("detection:\n  operating_point: custom\n  on: 0.6\n  off: .3\n")
    detection = load_settings(path).detection
    assert (detection.on, detection.off) == (0.6, 0.3)


@pytest.mark.parametrize("word", ["true", "yes", "on", "True"])
@pytest.mark.usefixtures("loader")
def test_yaml_booleans(config, word):
    assert load_settings(config(f"mqtt: {{tls: {{enabled: {word}}}}}")).mqtt.tls.enabled is True


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version: 2", "config.yaml:1:10: version: '2' is not possible, write 1"),
        ("alarm: {sustained_s: 0.5}", "0.5 is too small, at least 1"),
        ("alarm: {escalate_s: 1:30}", "'1:30' is not a number, write a number of seconds from 5"),
        ("alarm: {escalate_s: .nan}", "'.nan' is not a number"),
        ("alarm: {escalate_s: 1e999}", "inf is too large, at most 900"),
        ("alarm: {escalate_s: null}", "cannot be null, write a number of seconds from 5 to 900"),
        ("alarm: {escalate_s: }", "has no value, write a number of seconds from 5 to 900"),
        ("panel: {led_pin: 017}", "without leading zeros, write a whole number from 0 to 27"),
        ("panel: {led_pin: 17.0}", "'17.0' is not a whole number"),
        ("panel: {led_pin: '17'}", "'17' is text because of its quotes"),
        ("panel: {led_pin: -1}", "-1 is too small, at least 0"),
        ("panel: {led_pin: 9999999999999999999999}", "is not a whole number"),
        ("mqtt: {tls: {enabled: maybe}}", "'maybe' is not true or false, write true or false"),
        ("mqtt: {tls: {enabled: 1}}", "'1' is not true or false"),
        ("mqtt: {host: null}", "cannot be null, write a host name"),
        ("mqtt: {host: ''}", "is empty, write a host name"),
        ("mqtt: {host: 'mqtt://b'}", "without mqtt:// and without the port"),
        ("mqtt: {host: 'b:1883'}", "without mqtt:// and without the port"),
        ('device: {ward: "a\\nb"}', "'a�b' has a line break or control character"),
        ('device: {id: "a\\n"}', "has a line break or control character"),
        (f"device: {{ward: {'w' * 65}}}", "is 65 characters long, at most 64"),
        ("detection: {on: 1, off: 0.1, operating_point: custom}", "1 is too large, below 1"),
        ("detection: {on: 0.2, off: 0, operating_point: custom}", "0 is too small, above 0"),
        ("logging: {level: INFO}", "write one of debug, info, warning, error (did you mean info?)"),
        ("logging: {level: !!str info}", "is a tag (`!`), write one of"),
        ("logging: {level: !!python/name:os.system }", "is a tag (`!`)"),
        ("logging: {level: [info]}", "config.yaml:1:18: logging.level: is a list, write one of"),
        ("logging: {level: {info: 1}}", "logging.level: is a section, write one of debug"),
        ("mqtt: localhost", "config.yaml:1:7: mqtt: is a section, write its settings below it"),
        ("mqtt: []", "mqtt: is a section"),
        ("a: &x 1\n", "is not a setting"),
        ("audio: *x", "is a section"),
        ("audio: {device: *x}", "is an alias (`*`), write text"),
        ("mqtt: {port: 1, port: 2}", "config.yaml:1:17: mqtt.port: is already set on line 1"),
        ("mqtt:\n  port: 1\nmqtt:\n  port: 2", "config.yaml:3:1: mqtt: is already set on line 1"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("loader")
def test_a_mistake_is_told_in_plain_words(config, text, says):
    assert says in one(config(text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mqtt: {prot: 1}", "mqtt.prot: is not a setting, did you mean `port`?"),
        ("panel: {LED-Pin: 1}", "panel.LED-Pin: is not a setting, did you mean `led_pin`?"),
        ("mqqt: {port: 99999}", "mqqt: is not a setting, did you mean `mqtt`?"),
        ("mqtt: {led_pin: 4}", "mqtt.led_pin: is not a setting, `led_pin` belongs to `panel`"),
        ("mqtt: {ca_file: a}", "`ca_file` belongs to `mqtt.tls`"),
        ("tls: {enabled: true}", "`tls` belongs to `mqtt`"),
        ("port: 1884", "port: is not a setting, `port` belongs to `mqtt`"),
        ("mqtt: {panel: {led_pin: 3}}", "`panel` belongs to the top level"),
        ("mqtt.port: 1884", "mqtt.port: is not a setting, write one name a line, each below its"),
        ("logging: {zzz: 1}", "logging.zzz: is not a setting, `logging` takes level"),
        (
            "zzz: 1",
            "zzz: is not a setting, the top level takes version, state_dir, runtime_dir, device",
        ),
        ("station: {zzz: 1}", "station.zzz: is not a setting, `station` takes no settings yet"),
        ('"z\\nz": 1', "z�z: is not a setting"),
    ],
)
@pytest.mark.usefixtures("loader")
def test_an_unknown_name_is_answered_with_the_one_that_was_meant(config, text, says):
    assert says in one(config(text))


@pytest.mark.parametrize("name", sorted(LATER_SETTINGS))
def test_a_setting_of_a_later_version_is_refused_as_such(config, name):
    section, _, key = name.partition(".")
    expected = f"{name}: is not supported by this version yet, remove it"
    assert expected in one(config(f"{section}:\n  {key}: 1\n"))
    assert one(None, f"{name}=1").endswith("is not supported by this version yet, remove it")


@pytest.mark.parametrize("name", sorted(LATER_VALUES))
def test_a_value_of_a_later_version_is_refused_as_such(name):
    value = "true" if LATER_VALUES[name] is True else LATER_VALUES[name]
    assert f"{value} is not supported by this version yet, write " in one(None, f"{name}={value}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mqtt:\n\tport: 1\n", "config.yaml:2:1: yaml: is not YAML: a tab, indent with spaces"),
        ("mqtt:\n  host: a\n   port: 1\n", "config.yaml:3:8: yaml: is not YAML: a `:` that does"),
        ("mqtt:\n  host: 'a\n  port: 1\n", "config.yaml:2:9: yaml: is not YAML: a quote that is"),
        ("mqtt:\n  host: a\n port: 1\n", "config.yaml:3:2: yaml: is not YAML: does not line up"),
        ("mqtt:\n  host: @a\n", "config.yaml:2:9: yaml: is not YAML: a character that cannot"),
        ("mqtt:\n  host: a\nport\n", "config.yaml:3:1: yaml: is not YAML: a line without `:`"),
        ("just words", "config.yaml:1:1: yaml: holds no settings, write lines of `name: value`"),
        ("- a\n- b\n", "config.yaml:1:1: yaml: holds no settings"),
        ("version: 1\n---\nversion: 1\n", "config.yaml:2:1: yaml: a second document begins here"),
        ("? [a]\n: b\n", "config.yaml:1:3: yaml: a name must be a plain word"),
        ("a" * 3 + "\0", "config.yaml:1:4: yaml: holds '\\x00', remove that character"),
        (b"version: 1\ndevice: {ward: S\xfcd}\n", "config.yaml:2:17: yaml: is not UTF-8 text"),
        ("version: 1\n".encode("utf-16"), "config.yaml:1:1: yaml: is not UTF-8 text"),
    ],
)
@pytest.mark.usefixtures("loader")
def test_what_is_not_yaml_is_told_with_its_place(config, text, says):
    assert any(line.startswith(says) for line in mistakes(config(text)))


@pytest.mark.usefixtures("loader")
def test_mistakes_before_a_syntax_error_are_told_with_it(config):
    lines = mistakes(config("mqtt:\n  port: 99999\npanel:\n\tled_pin: 4\n"))
    assert [line.split(" ")[0] for line in lines] == ["config.yaml:2:9:", "config.yaml:4:1:"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a: " + "[" * 100_000,
        "{a: " * 40_000,
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "\n".join(f"key{n}: 1" for n in range(20_000)),
        "a: " + "9" * 200_000,
        "mqtt: {port: " + "9" * 200_000 + "}",
        "x" * 200_000 + ": 1",
    ],
    ids=["lists", "list", "maps", "aliases", "many", "digits", "port", "key"],
)
@pytest.mark.usefixtures("loader")
def test_a_hostile_file_is_refused_with_few_short_lines(config, text):
    lines = mistakes(config(text))
    assert len(lines) <= load.MAX_MISTAKES + 1
    assert max(len(line) for line in lines) < 400


def test_a_file_that_is_too_large_or_cannot_be_read_is_refused(tmp_path, config):
    assert "is larger than 256 KiB" in one(config("#" * (256 * 1024 + 1)))
    assert load_settings(config("#" * (256 * 1024))) == Settings()
    assert "Is a directory" in one(tmp_path)
    assert "No such file" in one(tmp_path / "absent.yaml")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("detection:\n  on: 0.5\n  off: 0.4\n", [(2, "detection.on"), (3, "detection.off")]),
        ("detection:\n  operating_point: custom\n", [(2, "detection.operating_point")]),
        ("detection:\n  on: 0.5\n  operating_point: custom\n", [(3, "detection.operating_point")]),
        ("panel:\n  buzzer: when-unreceived\n", [(2, "panel.buzzer")]),
        (
            "detection:\n  operating_point: custom\n  off: 0.6\n  on: 0.5\n",
            [(3, "detection.off")],
        ),
        ("alarm:\n  pause_max_s: 60\n", [(2, "alarm.pause_max_s")]),
        ("alarm:\n  pause_max_s: 90\n  pause_s: 100\n", [(3, "alarm.pause_s")]),
        ("panel:\n  led_pin: 27\n", [(2, "panel.led_pin")]),
        ("panel:\n  led_pin: 5\n  button_pin: 5\n", [(3, "panel.button_pin")]),
        ("mqtt:\n  password_file: /p\n", [(2, "mqtt.password_file")]),
        ("mqtt:\n  tls:\n    ca_file: /a\n", [(3, "mqtt.tls.ca_file")]),
        ("mqtt:\n  tls: {enabled: yes,\n    cert_file: /a}\n", [(3, "mqtt.tls.cert_file")]),
        ("mqtt:\n  tls: {enabled: yes,\n    key_file: /a}\n", [(3, "mqtt.tls.key_file")]),
    ],
)
def test_settings_that_do_not_go_together_are_told_at_one_of_them(config, text, places):
    told = [line.split(":")[1:4:2] for line in mistakes(config(text))]
    assert [(int(line), name.strip()) for line, name in told] == places


def test_one_mistake_does_not_bring_another_in_its_wake(config):
    one(config("detection: {operating_point: custm, on: 0.5, off: 0.4}"))
    one(config("detection: {operating_point: custom, on: 5, off: 0.4}"))
    one(config("detection: {operating_point: custom, on: 0.5, of: 0.4}"))
    one(config("mqtt: {tls: {enabled: ja, ca_file: /a}}"))


def test_an_override_wins_over_the_file_and_the_last_one_over_the_first(config):
    path = config("mqtt:\n  port: 1884\n")
    loaded = load_settings(path, ["mqtt.port=1885", "device.bed=Bed #3: left", "mqtt.port=1886"])
    assert loaded.mqtt.port == 1886
    assert loaded.device.bed == "Bed #3: left"
    assert load_settings(None, ["panel.button_pin=null"]).panel.button_pin is None


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("mqtt.port=99999", "--set mqtt.port=99999: 99999 is too large, at most 65535"),
        ("mqtt.prot=1", "--set mqtt.prot=1: is not a setting, did you mean `port`?"),
        ("mqt.port=1", "--set mqt.port=1: is not a setting, did you mean `mqtt.port`?"),
        ("mqtt.port", "--set mqtt.port: has no value, write --set name=value"),
        ("panel.led_pin=27", "--set panel.led_pin=27: `led_pin` and `buzzer_pin` are both 27"),
        ("logging=info", "--set logging=info: is a section, set one of level"),
    ],
)  # fmt: skip
def test_a_wrong_override_is_named(config, override, line):
    path = config("panel: {led_pin: 17, buzzer_pin: 27}")
    assert one(path, override).startswith(line)


def test_the_file_is_looked_for_in_order(tmp_path, monkeypatch):
    asked, environment, system, local = (tmp_path / name for name in ("a", "b", "c", "d"))
    monkeypatch.setattr(load, "SYSTEM_CONFIG", system)
    monkeypatch.setattr(load, "LOCAL_CONFIG", local)
    environ = {"EDGECRY_CONFIG": str(environment)}
    assert find_config(None, {}) is None
    for path, explicit, env in (
        (local, None, {}),
        (system, None, {"EDGECRY_CONFIG": ""}),
        (environment, None, environ),
        (asked, str(asked), environ),
    ):
        path.touch()
        assert find_config(explicit, env) == path


@pytest.mark.parametrize("name", ["absent.yaml", "a\0b"])
def test_a_file_asked_for_by_name_must_exist(name):
    with pytest.raises(ConfigError, match="does not exist, correct --config"):
        find_config(name, {})
    with pytest.raises(ConfigError, match="does not exist, correct EDGECRY_CONFIG"):
        find_config(None, {"EDGECRY_CONFIG": name})


def test_a_file_that_cannot_be_looked_at_is_not_passed_over(tmp_path, monkeypatch):
    knot = tmp_path / "config.yaml"
    knot.symlink_to(knot)
    monkeypatch.setattr(load, "SYSTEM_CONFIG", knot)
    assert find_config(None, {}) == knot
    assert "Too many levels of symbolic links" in one(knot)


yamlish = st.lists(
    st.sampled_from(
        ["mqtt", "port", "on", ":", ": ", "\n", "\n  ", "- ", "{", "}", "[", "]", "'", '"', "&a ",
         "*a", "!!int ", "| ", "> ", "? ", "# ", "---", "...", "%", "\t", "1", "0.5", "~", "\\"]
    )
).map("".join)  # fmt: skip


@in_one_folder
@given(
    st.one_of(
        st.binary(), st.text().map(lambda t: t.encode(errors="replace")), yamlish.map(str.encode)
    )
)
@example(b"? ")
@example(b"'")
@example(b"\xff\xfe")
@pytest.mark.usefixtures("loader")
def test_any_bytes_give_settings_or_a_config_error(tmp_path, data):
    path = tmp_path / "any.yaml"
    path.write_bytes(data)
    try:
        load_settings(path)
    except ConfigError as error:
        assert all(
            line.startswith(str(path)) for line in str(error).splitlines()[: load.MAX_MISTAKES]
        )


@given(st.lists(st.one_of(st.text(), st.text().map("mqtt.host=".__add__)), max_size=3))
def test_any_override_gives_settings_or_a_config_error(overrides):
    try:
        load_settings(None, overrides)
    except ConfigError as error:
        assert all(line.startswith("--set ") for line in str(error).splitlines())
