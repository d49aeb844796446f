import re
import tomllib
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingang.settings import Settings, SettingsError, load_settings
from ingang.settings_page import setting_names, settings_page
from ingang.settings_read import Wrong, time_of_day, web_address, weekdays

UNIT = """
[[units]]
slug = "alvsbyn"
name = "Ingång Älvsbyn"
municipality = "Älvsbyn"
phone = "0980-319 200"
address = "Storgatan 27"
where_under_15 = "Ring Bris."
where_over_29 = "Ring kommunen."
"""


def loaded(tmp_path: Path, toml: str, **environment: str) -> Settings:
    file = tmp_path / "config.toml"
    file.write_text(toml, encoding="utf-8")
    return load_settings(environment, file=file)


def faults(tmp_path: Path, toml: str, **environment: str) -> dict[str, str]:
    """Dotted name -> the whole line."""
    with pytest.raises(SettingsError) as raised:
        loaded(tmp_path, toml, **environment)
    return {fault.name: str(fault) for fault in raised.value.faults}


def names_in(raw: object, prefix: str = "") -> Iterator[str]:
    """Every dotted name that a TOML file writes, lists without their numbers."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield from names_in(value, f"{prefix}.{key}" if prefix else key)
    elif isinstance(raw, list):
        for item in raw:
            yield from names_in(item, prefix)
    else:
        yield prefix


def test_nothing_given_is_the_defaults() -> None:
    settings = load_settings({}, file=None)
    assert settings.database.url == "sqlite:///ingang.db"
    assert (settings.sending.starts, settings.sending.ends) == (time(9), time(19))
    assert settings.units == ()


def test_example_names_every_setting_and_no_other(root: Path) -> None:
    raw = tomllib.loads((root / "config.example.toml").read_text(encoding="utf-8"))
    assert set(names_in(raw)) == set(setting_names())


def test_example_can_be_used_as_it_is(root: Path) -> None:
    (unit,) = load_settings({}, file=root / "config.example.toml").units
    assert [member.first_name for member in unit.staff] == ["Anna", "Erik"]
    assert unit.staff[1].hours[0].days == (0, 2, 4)


def test_example_shows_the_defaults(root: Path) -> None:
    settings = load_settings({}, file=root / "config.example.toml")
    assert Settings(units=settings.units) == settings


def test_page_is_made_from_the_settings(root: Path) -> None:
    page = (root / "docs/settings.md").read_text(encoding="utf-8")
    assert page == settings_page(), "run: python -m ingang.settings_page"
    for name in setting_names():
        section, _, key = name.rpartition(".")
        assert f"[{section}]" in page
        assert f"| `{key}` |" in page


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    toml = """
    [database]
    url = "mysql://u:hemligt@h/d"
    [web]
    port = 70000
    prot = 1
    [sending]
    starts = "19:00"
    ends = "09:00"
    [log]
    level = "inf"
    [[units]]
    slug = "Älvsbyn"
    name = "  "
    phone = "ring"
    promise_days = true
    [[units.staff]]
    first_name = "Anna"
    ordr = 1
    [[units.staff.hours]]
    days = "mon-fri, sundy"
    starts = "25:00"
    ends = 16
    """
    found = faults(tmp_path, toml)
    assert set(found) == {
        "database.url",
        "web.port",
        "web.prot",
        "sending.ends",
        "log.level",
        "units.1.slug",
        "units.1.name",
        "units.1.phone",
        "units.1.promise_days",
        "units.1.municipality",
        "units.1.address",
        "units.1.where_under_15",
        "units.1.where_over_29",
        "units.1.staff.1.ordr",
        "units.1.staff.1.hours.1.days",
        "units.1.staff.1.hours.1.starts",
        "units.1.staff.1.hours.1.ends",
    }
    assert all(re.fullmatch(r"ingang: \S+ .+ \(.*config\.toml\): .+", line) for line in found.values())
    assert "(did you mean port?)" in found["web.prot"]
    assert "(did you mean info?)" in found["log.level"]
    assert "'sundy' is no day" in found["units.1.staff.1.hours.1.days"]


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    assert "hemligt" not in faults(tmp_path, '[database]\nurl = "mysql://u:hemligt@h/d"')["database.url"]
    settings = loaded(
        tmp_path,
        '[database]\nurl = "postgresql+psycopg://u:hemligt@h/d"\n'
        + UNIT
        + '[[units.staff]]\nfirst_name = "Anna"\ndevice = "sms:+46701740605"',
        INGANG_KEYS="nyckeln",
    )
    assert settings.database.url.startswith("postgresql+psycopg://u:hemligt@")
    assert (settings.units[0].staff[0].device, settings.keys.held) == ("sms:+46701740605", "nyckeln")
    assert not re.search("hemligt|nyckeln|467", repr(settings))


def test_environment_overrides_the_file(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path, "[web]\nport = 1", INGANG_WEB__PORT="8801", INGANG_SENDING__STARTS="10:00", PATH="/x__y"
    )
    assert (settings.web.port, settings.sending.starts) == (8801, time(10))


def test_a_fault_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    found = faults(tmp_path, "", INGANG_WEB__PORT="x", INGANG_WBE__PORT="1", INGANG_UNITS__SLUG="x")
    assert "(INGANG_WEB__PORT)" in found["web.port"]
    assert "(INGANG_WBE__PORT)" in found["wbe"]
    assert "did you mean web?" in found["wbe"]
    assert "written in config.toml" in found["units.slug"]


TWILIO = 'account_sid = "AC0123456789abcdef0123456789abcdef"\nauth_token = "hemlig-token"\n'
HTTPS = '[web]\npublic_url = "https://ingang.example"\n'
SERVICE = 'messaging_service_sid = "MG0123456789abcdef0123456789abcdef"'
TOKEN = 'token = "123456789:AAFhemligt-hemligt"'


def test_channels_are_off_until_they_are_set_up(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "")
    assert (settings.telegram.on, settings.sms.on) == (False, False)
    settings = loaded(tmp_path, f'{HTTPS}[telegram]\n{TOKEN}\n[sms]\n{TWILIO}from_number = "+46701740605"')
    assert (settings.telegram.on, settings.sms.on) == (True, True)
    assert not re.search("hemlig|0123456789|4670", repr(settings))


@pytest.mark.parametrize(
    ("toml", "names"),
    [
        (f"{HTTPS}[sms]\n{TWILIO}", ["sms.from_number"]),
        (f'{HTTPS}[sms]\n{TWILIO}from_number = "+46701740605"\n{SERVICE}', ["sms.from_number"]),
        (f'{HTTPS}[sms]\nfrom_number = "+46701740605"', ["sms.account_sid", "sms.auth_token"]),
        (f'{HTTPS}[sms]\n{TWILIO}from_number = "0701740605"\nper_second = 0', ["sms.from_number", "sms.per_second"]),
        (f'[sms]\n{TWILIO}from_number = "+46701740605"', ["web.public_url"]),
        (
            f'[telegram]\n{TOKEN}\nmode = "webhook"\nbase_url = "ftp://x"',
            ["telegram.base_url"],
        ),
        (f'[telegram]\n{TOKEN}\nmode = "webhook"', ["telegram.webhook_secret", "web.public_url"]),
        ('[telegram]\nmode = "webhook"', ["telegram.token"]),
        (f'[telegram]\n{TOKEN}\nmode = "webhook"\nwebhook_secret = "short"', ["telegram.webhook_secret"]),
        ('[web]\nmetrics_token = "short"', ["web.metrics_token"]),
    ],
)
def test_what_does_not_go_together_is_told(tmp_path: Path, toml: str, names: list[str]) -> None:
    found = faults(tmp_path, toml)
    assert list(found) == names
    assert not re.search("hemlig|0123456789", "".join(found.values()))


def test_a_server_of_ones_own_needs_no_https(tmp_path: Path) -> None:
    sms = f'[sms]\n{TWILIO}from_number = "+46701740605"\napi_base_url = "http://127.0.0.1:9"'
    assert loaded(tmp_path, sms).sms.on
    away = f'[web]\npublic_url = "http://ingang.example"\n{sms}'
    assert list(faults(tmp_path, away)) == ["web.public_url"]


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    held = tmp_path / "token"
    held.write_text("123456789:AAFhemligt-hemligt\n", encoding="utf-8")
    assert loaded(tmp_path, "", INGANG_TELEGRAM__TOKEN_FILE=str(held)).telegram.token == held.read_text().strip()
    database = tmp_path / "url"
    database.write_text("sqlite:///annan.db", encoding="utf-8")
    assert loaded(tmp_path, "", INGANG_DATABASE__URL_FILE=str(database)).database.url == "sqlite:///annan.db"


def test_a_fault_in_a_secrets_file_names_the_variable(tmp_path: Path) -> None:
    held = tmp_path / "token"
    held.write_text("hemligt", encoding="utf-8")
    found = faults(
        tmp_path, "", INGANG_TELEGRAM__TOKEN_FILE=str(held), INGANG_SMS__AUTH_TOKEN_FILE=str(tmp_path / "gone"),
        INGANG_WEB__HOST_FILE=str(held), INGANG_DATABASE__URL="sqlite:///x.db", INGANG_DATABASE__URL_FILE=str(held),
    )  # fmt: skip
    assert "(INGANG_TELEGRAM__TOKEN_FILE)" in found["telegram.token"]
    assert "No such file" in found["sms.auth_token"]
    assert "is no setting" in found["web.host_file"]  # only a secret may stand in a file
    assert "is given twice" in found["database.url"]
    assert "hemligt" not in "".join(found.values())


def test_two_units_may_not_share_a_slug(tmp_path: Path) -> None:
    assert list(faults(tmp_path, UNIT + UNIT)) == ["units.2.slug"]
    assert "web.port" in faults(tmp_path, UNIT + UNIT + "[web]\nport = 0")


def test_a_staff_members_hours_must_end_later(tmp_path: Path) -> None:
    hours = '[[units.staff.hours]]\ndays = "mon"\nstarts = "16:00"\nends = "16:00"'
    toml = UNIT + '[[units.staff]]\nfirst_name = "Anna"\n' + hours
    assert list(faults(tmp_path, toml)) == ["units.1.staff.1.hours.1.ends"]


@pytest.mark.parametrize(
    ("toml", "name"),
    [
        ("web = 3", "web"),
        ("[units]\nslug = 1", "units"),
        ("units = [3]", "units.1"),
        ("[web", "the file"),
        ("[telegram]\ntoken = 1", "telegram.token"),
    ],
)
def test_the_wrong_form_is_a_fault_by_name(tmp_path: Path, toml: str, name: str) -> None:
    assert list(faults(tmp_path, toml)) == [name]


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot be read.*copy config\.example\.toml"):
        load_settings({"INGANG_CONFIG": str(tmp_path / "nowhere.toml")})


def test_a_file_of_other_bytes_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes('name = "Älvsbyn"'.encode("latin-1"))
    with pytest.raises(SettingsError, match="is not UTF-8"):
        load_settings({}, file=tmp_path / "config.toml")


def test_to_run_there_must_be_a_unit(tmp_path: Path) -> None:
    loaded(tmp_path, UNIT).require_units()
    with pytest.raises(SettingsError, match=r"units has no unit .*--demo"):
        Settings().require_units()


@pytest.mark.parametrize(
    ("given", "days"),
    [("mon-fri", (0, 1, 2, 3, 4)), ("mon, wed,fri", (0, 2, 4)), ("Sat - Sun", (5, 6)), ("tue,mon-wed", (0, 1, 2))],
)
def test_weekdays_are_read(given: str, days: tuple[int, ...]) -> None:
    assert weekdays(given) == days


@pytest.mark.parametrize("given", ["", "fri-mon", "mon-", "-fri", "mon fri", "måndag", 3, None])
def test_other_weekdays_are_refused(given: object) -> None:
    with pytest.raises(Wrong):
        weekdays(given)


@pytest.mark.parametrize(("given", "expected"), [("08:00", time(8)), ("8.30", time(8, 30)), (time(7), time(7))])
def test_times_of_day_are_read(given: object, expected: time) -> None:
    assert time_of_day(given) == expected


@pytest.mark.parametrize(
    "given",
    ["ingang.example", "ftp://x", "https://", "https://x/path", "https://u@x", "https://x:99999", "http://[", 3],
)
def test_an_address_must_be_whole_and_bare(given: object) -> None:
    with pytest.raises(Wrong):
        web_address(given)


def test_an_address_loses_its_last_slash() -> None:
    assert web_address("https://ingang.example/") == "https://ingang.example"


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["slug", "staff", "port", "x"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["database", "web", "units", "sending", "keys", "odd"]), ODD))
def test_any_content_is_settings_or_told_faults(raw: dict[str, Any]) -> None:
    from ingang.settings_read import Fault, Source, read_table

    found: list[Fault] = []
    settings = read_table(Settings, raw, "", Source("config.toml"), found)
    assert (settings is None) == bool(found)
