"""`ingang poster`: a page in a file, or one line that says what is missing and exit code 2."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from ingang import cli
from ingang.settings import Settings, Sms, Telegram, Web
from storage import units
from storage.db import Store
from tests.servers import telegram_api
from tests.servers.telegram_api import TelegramApi
from tests.town import Town

Run = Callable[..., tuple[int, str, str]]
WEB = Web(public_url="https://ingang.example")
SMS = Sms(account_sid="AC" + "0" * 32, auth_token="x" * 32, from_number="+46701740605")


@pytest.fixture
def town(sqlite_store: Store) -> Town:
    return Town(sqlite_store)


@pytest.fixture
def run(town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `ingang poster --unit alvsbyn ...` with these settings; give the exit code and what was printed."""
    store = SimpleNamespace(read=town.store.read, close=lambda: None)
    app = SimpleNamespace(store=store, house=town.house, clock=SimpleNamespace(now=lambda: town.now))
    monkeypatch.setattr("ingang.wiring.open_app", lambda settings: app)
    monkeypatch.chdir(tmp_path)

    def ingang(settings: Settings, *words: str, unit: str = "alvsbyn") -> tuple[int, str, str]:
        monkeypatch.setattr("ingang.settings.load_settings", lambda: settings)
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["ingang", "poster", "--unit", unit, *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        return int(str(end.value.code)), told.out, told.err

    return ingang


@pytest.fixture
def telegram() -> Iterator[TelegramApi]:
    with TelegramApi() as api:
        yield api


def test_a_poster_is_a_file_named_by_its_source(run: Run, tmp_path: Path) -> None:
    code, out, err = run(Settings(web=WEB, sms=SMS), "--source", "Coop Forum")
    assert (code, err) == (0, "")
    assert out.startswith("alvsbyn_coop-forum.pdf: SMS, Chatt på webben. Anmälningar därifrån märks alvsbyn_coop-forum")
    assert (tmp_path / "alvsbyn_coop-forum.pdf").read_bytes().startswith(b"%PDF-")


def test_place_is_another_word_for_source_and_out_names_the_file(run: Run, tmp_path: Path) -> None:
    code, out, _ = run(Settings(web=WEB), "--place", "bibliotek", "--out", "lapp.pdf")
    assert (code, out.split(".")[0]) == (0, "lapp")
    assert "alvsbyn_bibliotek" in out
    assert (tmp_path / "lapp.pdf").exists()


def test_the_bots_name_is_asked_of_telegram(run: Run, telegram: TelegramApi) -> None:
    settings = Settings(telegram=Telegram(token=telegram_api.TOKEN, base_url=telegram.url))
    code, out, err = run(settings)
    assert (code, err) == (0, "")
    assert "Telegram" in out
    assert telegram.times("getMe") == 1


def test_a_telegram_that_cannot_be_asked_is_told_and_can_be_done_without(run: Run) -> None:
    settings = Settings(telegram=Telegram(token=telegram_api.TOKEN, base_url="http://127.0.0.1:9"))
    code, _, err = run(settings)
    assert code == 2
    assert "--bot" in err
    assert run(settings, "--bot", "@ingang_bot")[0] == 0


@pytest.mark.parametrize("name", ["x", "ingang bot", "ingang_bot?start=x", "åäöbot"])
def test_a_name_that_no_bot_can_have_is_refused(run: Run, name: str) -> None:
    settings = Settings(telegram=Telegram(token=telegram_api.TOKEN))
    code, _, err = run(settings, "--bot", name)
    assert code == 2
    assert "--bot" in err


def test_a_messaging_service_needs_to_be_told_its_number(run: Run) -> None:
    service = replace(SMS, from_number="", messaging_service_sid="MG" + "0" * 32)
    code, _, err = run(Settings(sms=service))
    assert code == 2
    assert "--sms" in err
    assert run(Settings(sms=service), "--sms", "+46701740605")[0] == 0


@pytest.mark.parametrize(
    ("settings", "words", "told"),
    [
        (Settings(), (), "web.public_url"),
        (Settings(web=WEB), ("--source", "stopp"), "välj ett annat ord"),
        (Settings(web=WEB), ("--out", "nowhere/x.pdf"), "--out"),
        (Settings(sms=SMS), ("--sms", "0701740605"), "+46"),
        (Settings(web=WEB), ("--sms", "+46701740605"), "sms.account_sid"),
        (Settings(web=WEB), ("--bot", "ingang_bot"), "telegram.token"),
    ],
)
def test_what_is_missing_is_said_with_the_way_out(
    run: Run, settings: Settings, words: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    code, out, err = run(settings, *words)
    assert (code, out) == (2, "")
    assert told in err
    assert list(tmp_path.rglob("*.pdf")) == []


def test_a_unit_that_is_not_there_or_has_no_phone_is_told(run: Run, town: Town) -> None:
    assert "alvsbyn, pitea" in run(Settings(web=WEB), unit="lulea")[2]
    with town.store.begin() as tx:
        units.set_settings(tx, units.get_unit(tx, "pitea").id, phone="")
    code, _, err = run(Settings(web=WEB), unit="pitea")
    assert (code, "har inte ett telefonnummer" in err) == (2, True)


def test_a_unit_that_is_not_open_gets_its_poster_and_a_warning(run: Run, town: Town) -> None:
    with town.store.begin() as tx:
        units.set_live(tx, units.get_unit(tx, "pitea").id, live=False)
    assert "inte öppen än" in run(Settings(web=WEB), unit="pitea")[1]
    assert "inte öppen än" not in run(Settings(web=WEB))[1]
