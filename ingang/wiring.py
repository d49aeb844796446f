"""Puts the program together: settings in, an `App` out. Only the commands, the web and the tests import this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from bot.actions.house import House
from bot.channels.base import Channel
from bot.channels.pickup import SIMULATED_SMS, SIMULATED_TELEGRAM, TERMINAL, WEB_CHAT, WORK_DEVICE
from flows.lexicon import Lexicon
from ingang.app import CLOCK_OFFSET, App
from ingang.clock import Clock, MovableClock, business_clock
from ingang.errors import UserError
from ingang.providers import Providers, make_providers
from ingang.seeding import seed_units
from ingang.settings import Settings
from ingang.tally import Tally
from ingang.tuning import making_much
from messages.catalog import Catalog
from messages.scales import BadScale, Scale, load_scales
from messages.words import load_words
from rules.calendar import STOCKHOLM, is_working_day, to_local, to_utc
from rules.retention import HALF_DONE, Rule
from rules.sending import Hours
from scheduler.lease import lease_clock
from scheduler.watch import Board
from storage import control, units
from storage.db import Store, Tx
from storage.keys import load as load_keys

__all__ = ["CHANNELS", "SIMULATED", "App", "build_house", "data_folder", "open_app", "retention_rules"]

CHANNELS: dict[str, Channel] = {each.name: each for each in (WEB_CHAT, TERMINAL)}
SIMULATED: dict[str, Channel] = {each.name: each for each in (SIMULATED_SMS, SIMULATED_TELEGRAM, WORK_DEVICE)}


def retention_rules(settings: Settings, *, demo: bool) -> tuple[Rule, ...]:
    """The rules on what is to be erased. The demo shows what one with a decision looks like."""
    rule = replace(HALF_DONE, after=timedelta(days=settings.retention.half_done_days))
    if not demo:
        return (rule,)
    return (replace(rule, decision="Exempelbeslut 1", decided_on=date(2026, 11, 1), approved_by="Demonämnden"),)


def build_house(tx: Tx, settings: Settings, channels: Mapping[str, Channel]) -> House:
    """The texts, the word lists with the units' municipalities among the choices, the channels, the hours."""
    catalog = _catalog()
    places = tuple((unit.slug, unit.municipality.casefold(), unit.name.casefold()) for unit in units.list_units(tx))
    lexicons = Lexicons(catalog.languages(), places)
    hours = Hours(settings.sending.starts, settings.sending.ends)
    link = f"{settings.web.public_url.rstrip('/')}/d/info"
    return House(
        catalog,
        lexicons,
        channels,
        hours=hours,
        info_link=link,
        budget_per_week=settings.sending.budget_per_week,
        sms_per_day=settings.sending.sms_per_day,
        segment_ore=settings.sending.segment_ore,
        scales=_scales(catalog.languages()),
    )


_catalog = cache(Catalog.load)


def _scales(languages: tuple[str, ...]) -> Mapping[str, Scale]:
    """The scales in Swedish, all languages read so that a wrong file is told at start. Raises UserError."""
    try:
        for language in languages:
            load_scales(language)
        return load_scales()
    except BadScale as fault:
        raise UserError(str(fault), "scales", "correct the file, or take it away") from None


class Lexicons(Mapping[str, Lexicon]):
    """The word lists by language, each compiled when it is first asked for: that takes half a second."""

    def __init__(self, languages: tuple[str, ...], places: tuple[tuple[str, ...], ...]) -> None:
        self._languages, self._places = languages, places

    def __getitem__(self, language: str) -> Lexicon:
        if language not in self._languages:
            raise KeyError(language)
        return _lexicon(language, self._places)

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)


@cache
def _lexicon(language: str, places: tuple[tuple[str, ...], ...]) -> Lexicon:
    data = load_words(language)
    options = dict(data.get("options", {}))
    options["unit"] = {**{slug: words for slug, *words in places}, **options.get("unit", {})}
    with making_much():
        return Lexicon.from_data({**data, "options": options})


def open_app(settings: Settings, *, demo: bool = False, clock: Clock | None = None) -> App:
    """Open the store, see that it fits, and put the program together.

    Raises UserError (keys), StoreError (database) with the way out.
    """
    keys = load_keys(settings.keys.file)
    store = Store.open(settings.database.url, keys)
    if demo:
        store.upgrade()
    store.check_ready()
    now = (clock or business_clock()).now()
    tally, board = Tally(), Board()
    with store.begin() as tx:
        seed_units(tx, settings.units, now)
        made_up = demo or control.find(tx, CLOCK_OFFSET) is not None  # staff commands on the demo's data
        providers = Providers() if made_up else make_providers(settings)  # made-up people are never really written to
        real = providers.channels(tally, board)
        house = build_house(tx, settings, CHANNELS | (SIMULATED if made_up else real))
        clock = clock or (_demo_clock(tx) if made_up else business_clock())
    rules = retention_rules(settings, demo=demo)
    return App(settings, store, house, clock, rules, demo, providers, tally, board, lease_clock(store))


def _demo_clock(tx: Tx) -> Clock:
    """Where the demo's clock was left; the first time, an hour when somebody is at work."""
    fixed = business_clock()
    if isinstance(fixed, MovableClock):
        return fixed
    kept = control.find(tx, CLOCK_OFFSET)
    if kept is None:
        kept = str((_working_hour(fixed.now()) - fixed.now()).total_seconds())
        control.put(tx, CLOCK_OFFSET, kept)
    return MovableClock(timedelta(seconds=float(kept)))


def _working_hour(now: datetime) -> datetime:
    """This moment when it is between nine and three on a working day, else 10.15 on the next one."""
    local = to_local(now, STOCKHOLM)
    if is_working_day(local.date()) and 9 <= local.hour < 15:
        return now
    day = local.date() if local.hour < 9 else local.date() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return to_utc(day, time(10, 15), STOCKHOLM)


def data_folder(path: Path) -> Path:
    """The folder that the demo keeps its data in, made if need be. Raises UserError when it cannot be."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder: {error.strerror}", str(path), "name another with --data") from None
    return path
