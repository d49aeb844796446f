"""`ingang check`, as an operator meets it."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner, Result

from ingang import checking
from ingang.checks import machine, running
from ingang.checks.finding import Finding
from ingang.cli import app
from ingang.clock import lease_now
from ingang.settings import load_settings
from ingang.wiring import open_app
from rules import troubles as rules
from storage import control, figures, logins, staff, troubles, units
from storage.errors import StoreUnavailable
from tests.servers import telegram_api, twilio_api
from tests.servers.telegram_api import TelegramApi
from tests.servers.twilio_api import TwilioApi

RUN = CliRunner()
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A folder with the example settings, keys and an empty database, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "config.toml").write_text((root / "config.example.toml").read_text(encoding="utf-8"), encoding="utf-8")
    with _at(folder):
        assert RUN.invoke(app, ["keys", "new"]).exit_code == 0
        assert RUN.invoke(app, ["db", "upgrade"]).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def started_once(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after its first start, with a work phone that is on, to be copied."""
    folder = tmp_path_factory.mktemp("started")
    shutil.copytree(made_once, folder, dirs_exist_ok=True)
    with _at(folder):
        _starts()
    return folder


@pytest.fixture
def place(made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the example settings, keys and an empty database."""
    shutil.copytree(made_once, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INGANG_TEST_NOW", raising=False)  # that it is set is one of the faults
    return tmp_path


@pytest.fixture
def started(started_once: Path, place: Path) -> Path:
    """The same after its first start, as if it were running now, with a work phone that is on."""
    shutil.copytree(started_once, place, dirs_exist_ok=True)
    opened = open_app(load_settings())
    with opened.store.begin() as tx:
        for name in ("doors", "dispatcher", "sweep", "doubt"):
            control.beat(tx, name, lease_now())
    opened.store.close()
    return place


@contextmanager
def _at(folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("INGANG_TEST_NOW", raising=False)
        yield


def _starts() -> None:
    open_app(load_settings()).store.close()
    add = ["staff", "add", "Sara", "--unit", "alvsbyn", "--manager", "--device", "terminal:sara"]
    assert RUN.invoke(app, add).exit_code == 0
    made = open_app(load_settings())
    with made.store.begin() as tx:
        mona = staff.add(tx, NOW, "Mona", role="administrator", email="mona@kommunen.example")
        logins.set_outside(tx, mona, "https://inlogg.kommunen.example", "mona")
    made.store.close()


def check() -> Result:
    return RUN.invoke(app, ["check"])


def found(*environment: Any) -> dict[str, dict[str, Any]]:
    """What is told for machines, by name."""
    said = RUN.invoke(app, ["check", "--json"])
    told = json.loads(said.output)
    assert (said.exit_code == 1) == any(each["stops"] for each in told)
    return {each["name"]: each for each in told}


# --- the house -----------------------------------------------------------------------------------------------------


def test_a_unit_not_started_yet_is_told_of(place: Path) -> None:
    said = check()
    assert said.exit_code == 0
    assert "finns i config.toml men inte i databasen" in said.output
    assert "Ingång har aldrig varit i gång här" in said.output


def test_nothing_to_mend_is_said_in_a_line(started: Path) -> None:
    said = check()
    assert (said.exit_code, said.output) == (0, "Allt är i ordning.\n")
    assert found() == {}


def test_what_differs_between_file_and_database_is_named(started: Path) -> None:
    config = started / "config.toml"
    text = config.read_text(encoding="utf-8")
    slug = load_settings().units[0].slug
    phone = load_settings().units[0].phone
    config.write_text(text.replace(phone, "0929-123 45"), encoding="utf-8")
    assert f"enhet {slug}: phone är '{phone}' i databasen" in check().output


def test_a_unit_that_nobody_reads_for_stops(started: Path) -> None:
    made = open_app(load_settings())
    from storage import roster, units

    with made.store.begin() as tx:
        for unit in units.list_units(tx):
            roster.set_shifts(tx, unit.id, [])
    made.store.close()
    said = check()
    assert said.exit_code == 1
    assert "ingen läser" in said.output


def test_a_unit_that_is_not_open_is_told(started: Path) -> None:
    made = open_app(load_settings())
    with made.store.begin() as tx:
        for unit in units.list_units(tx):
            units.set_live(tx, unit.id, live=False)
    made.store.close()
    said = check()
    assert said.exit_code == 0
    assert "är inte öppen" in said.output


def test_help_lines_checked_too_long_ago_stop(started: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGANG_TEST_NOW", "2028-01-03T10:00:00+01:00")
    said = check()
    assert said.exit_code == 1
    assert "90101" in said.output
    assert "INGANG_TEST_NOW är satt" in said.output


def test_a_work_phone_must_be_on_a_channel_that_is_on(started: Path) -> None:
    assert (
        RUN.invoke(app, ["staff", "add", "Kalle", "--unit", "alvsbyn", "--device", "sms:+46701740605"]).exit_code == 0
    )
    told = found()["enhet alvsbyn"]
    assert (told["stops"], told["what"]) == (True, "Kalle har arbetstelefon på kanalen sms, som inte är på")
    assert "701740605" not in check().output


def test_a_unit_that_no_alarm_can_reach_stops(place: Path) -> None:
    open_app(load_settings()).store.close()
    told = found()["enhet alvsbyn"]
    assert told["stops"]
    assert "inget larm kan gå ut" in told["what"]


# --- the machine ---------------------------------------------------------------------------------------------------


def test_faults_in_the_settings_are_told_all_at_once(place: Path) -> None:
    config = place / "config.toml"
    text = (
        config.read_text(encoding="utf-8").replace("port = 8800", "port = 0").replace('level = "info"', 'level = "x"')
    )
    config.write_text(text, encoding="utf-8")
    assert set(found()) == {"inställning web.port", "inställning log.level"}


def test_nobody_who_keeps_accounts_is_told(started: Path) -> None:
    made = open_app(load_settings())
    with made.store.begin() as tx:
        mona = staff.find_by_email(tx, "mona@kommunen.example")
        assert mona
        logins.forget(tx, mona.id)
    assert "ingen administratör kan logga in" in check().output
    with made.store.begin() as tx:
        staff.disable(tx, mona.id, NOW)
    made.store.close()
    told = check()
    assert "det finns ingen administratör" in told.output
    assert told.exit_code == 0  # nothing stops for it


def test_pages_reached_without_https_stop(started: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGANG_WEB__PUBLIC_URL", "http://ingang.kommunen.example")
    told = check()
    assert "utan https" in told.output
    assert told.exit_code == 1


def test_keys_that_others_may_read_stop(started: Path) -> None:
    (started / "ingang.keys").chmod(0o644)
    told = found()["nycklar"]
    assert "mode 0644" in told["what"]
    assert "chmod 600" in told["way_out"]


def test_keys_of_another_database_stop(started: Path) -> None:
    (started / "ingang.keys").unlink()
    assert RUN.invoke(app, ["keys", "new"]).exit_code == 0
    assert "leta upp kopian" in found()["nycklar"]["way_out"]


def test_a_database_that_cannot_be_used_stops(started: Path) -> None:
    (started / "ingang.db").write_bytes(b"this is no database at all, but long enough to be one" * 100)
    assert found()["databas"]["what"] in {"databasen är skadad", "databasen går inte att nå"}


def test_tables_of_another_version_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert RUN.invoke(app, ["keys", "new"]).exit_code == 0
    assert "ingang db upgrade" in found()["databas"]["way_out"]


def test_every_reason_of_the_database_has_words() -> None:
    for why in machine.WHY:
        told = machine.of_store_error(StoreUnavailable(why))
        assert told.stops
        assert told.what
        assert told.way_out


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(("free", "stops"), [(500_000_000, False), (100_000_000, True)])
def test_little_room_is_told_before_it_stops(
    started: Path, monkeypatch: pytest.MonkeyPatch, free: int, stops: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12 - free, free))
    told = found()["disk"]
    assert (told["stops"], told["what"]) == (stops, f"{free // 1_000_000} MB kvar på databasens disk")


@pytest.mark.parametrize(
    ("apart", "told"), [(0, []), (5, []), (-5, []), (6, [False]), (-6, [False]), (21, [True]), (-3600, [True])]
)
def test_a_clock_that_is_wrong_is_told(apart: int, told: list[bool]) -> None:
    findings = list(machine.of_clock(NOW + timedelta(seconds=apart), NOW, "databasens"))
    assert [each.stops for each in findings] == told
    for each in findings:
        assert f"{abs(apart)} sekunder {'före' if apart > 0 else 'efter'} databasens" in each.what


def test_a_clock_that_none_can_tell_is_passed() -> None:
    assert list(machine.of_clock(NOW, None, "databasens")) == []


def test_secrets_that_all_may_read_are_told(started: Path) -> None:
    config = started / "config.toml"
    text = config.read_text(encoding="utf-8").replace('metrics_token = ""', 'metrics_token = "0123456789abcdef"')
    config.write_text(text, encoding="utf-8")
    config.chmod(0o644)
    assert "chmod o=" in found()["inställningar config.toml"]["way_out"]
    config.chmod(0o640)
    assert found() == {}


# --- the providers -------------------------------------------------------------------------------------------------


@pytest.fixture
def telegram(started: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TelegramApi]:
    with TelegramApi() as api:
        monkeypatch.setenv("INGANG_TELEGRAM__TOKEN", telegram_api.TOKEN)
        monkeypatch.setenv("INGANG_TELEGRAM__BASE_URL", api.url)
        yield api


@pytest.fixture
def twilio(started: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioApi]:
    with TwilioApi() as api:
        api.webhook = "https://ingang.example/webhooks/twilio/message"
        for name, value in {
            "WEB__PUBLIC_URL": "https://ingang.example",
            "SMS__ACCOUNT_SID": twilio_api.ACCOUNT,
            "SMS__AUTH_TOKEN": twilio_api.TOKEN,
            "SMS__FROM_NUMBER": twilio_api.NUMBER,
            "SMS__API_BASE_URL": api.url,
        }.items():
            monkeypatch.setenv(f"INGANG_{name}", value)
        yield api


def test_what_is_not_switched_on_is_not_asked(started: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(socket.socket, "connect", asked)
    monkeypatch.setattr(socket, "getaddrinfo", asked)
    assert found() == {}


def test_providers_that_know_us_have_nothing_to_tell(telegram: TelegramApi, twilio: TwilioApi) -> None:
    assert set(found()) <= {"drift"}
    assert telegram.times("getMe") == 1
    assert not twilio.sends


def test_a_dead_telegram_token_is_told(telegram: TelegramApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGANG_TELEGRAM__TOKEN", "123456789:AAF-another-bots-token")
    told = found()["Telegram"]
    assert (told["stops"], told["what"]) == (True, "leverantören känner inte igen oss")
    assert "@BotFather" in told["way_out"]
    assert "another-bots" not in check().output


def test_a_provider_that_cannot_be_reached_is_told(telegram: TelegramApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGANG_TELEGRAM__BASE_URL", "http://127.0.0.1:9")
    assert "går inte att fråga" in found()["Telegram"]["what"]


def test_a_provider_that_hangs_is_not_waited_for(telegram: TelegramApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingang.checks.providers.LONGEST", 0.5)
    telegram.does(telegram_api.lost("hang"), on="getMe")
    assert "svarade inte" in found()["Telegram"]["what"]


def test_a_wrong_twilio_token_is_told(twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INGANG_SMS__AUTH_TOKEN", "0123456789abcdef0123456789abcdef")
    assert found()["SMS (Twilio)"]["what"] == "leverantören känner inte igen oss"


@pytest.mark.parametrize(
    ("balance", "stops", "words"),
    [("19.50", False, "19.50 USD kvar på kontot"), ("0", True, "slut"), ("-2.5", True, "slut")],
)
def test_little_money_is_told_before_it_is_gone(twilio: TwilioApi, balance: str, stops: bool, words: str) -> None:
    twilio.balance = balance
    told = found()["SMS (Twilio)"]
    assert told["stops"] == stops
    assert words in told["what"]


def test_an_account_that_is_suspended_stops(twilio: TwilioApi) -> None:
    twilio.account_status = "suspended"
    told = found()["SMS (Twilio)"]
    assert (told["stops"], told["what"]) == (True, "kontot är inte öppet (suspended)")


def test_messages_that_go_elsewhere_are_told(twilio: TwilioApi) -> None:
    twilio.webhook = "https://another.example/sms"
    told = found()["SMS (Twilio)"]
    assert told["stops"]
    assert "https://ingang.example/webhooks/twilio/message" in told["way_out"]


def test_a_providers_clock_is_compared_with_ours(telegram: TelegramApi, monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong:
        def now(self) -> datetime:
            return datetime.now(UTC) + timedelta(minutes=5)  # noqa: TID251 - the machine's own, to be wrong by

    monkeypatch.setattr(checking, "SystemClock", Wrong)
    told = found()["klocka"]
    assert told["stops"]
    assert "före klockan hos Telegram" in told["what"]


# --- how it has been going -----------------------------------------------------------------------------------------


def test_a_known_trouble_is_told_with_a_way_out(started: Path) -> None:
    made = open_app(load_settings())
    with made.store.begin() as tx:
        troubles.begin(tx, "sms.token", NOW, "20003")
        troubles.begin(tx, "sms.credit", NOW)
        figures.add(tx, made.clock.now(), {"refused.twilio.forged": 3})
    made.store.close()
    told = found()
    assert told["larm sms.token"]["what"] == "leverantören känner inte igen oss (20003), sedan 2026-11-23 09.00 UTC"
    assert (told["larm sms.token"]["stops"], told["larm sms.credit"]["stops"]) == (True, False)
    assert "3 anrop i dag" in told["webhook"]["what"]


def test_a_program_that_is_not_running_is_told(started: Path) -> None:
    made = open_app(load_settings())
    with made.store.begin() as tx:
        for name in ("doors", "dispatcher", "sweep", "doubt"):
            control.beat(tx, name, lease_now() - timedelta(hours=1))
    made.store.close()
    assert found()["drift"]["what"] == "Ingång är inte i gång nu"


@pytest.mark.parametrize(
    "name", [rules.LATE, rules.HELD, rules.SECOND_POLLER, rules.WEBHOOK, "sms.token", "sms.credit", "sms.empty",
             "sms.closed", "telegram.token", "silent.sweep", "silent.sms_list"],
)  # fmt: skip
def test_every_trouble_has_words_in_swedish(name: str) -> None:
    told: Finding = running.of_trouble(troubles.Trouble(name, NOW))
    assert name not in told.what
    assert told.way_out != "se i loggen"
