"""The help lines, the units, who reads, and whether an alarm finds its way."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

from ingang.checks.finding import Finding
from ingang.seeding import unit_settings
from ingang.settings import Settings, Unit
from messages.helplines import load_help_lines, stale
from rules.roster import next_staffed
from storage import roster, staff, units
from storage.db import Store, Tx
from storage.staff import Member
from storage.units import Unit as StoredUnit


def help_lines(today: date) -> Iterator[Finding]:
    """Numbers that nobody has looked at for too long."""
    for line in stale(load_help_lines(), today):
        way_out = "ring eller läs numret, och skriv dagens datum i messages/sv/helplines.toml"
        yield Finding(f"hjälplinje {line.number}", f"kontrollerad {line.checked}, för länge sedan", way_out)


def of_units(settings: Settings, store: Store, now: datetime, channels: Collection[str]) -> Iterator[Finding]:
    """The units: file against database, who reads, which devices an alarm reaches. `channels` are those that are on."""
    with store.read() as tx:
        stored = {unit.slug: unit for unit in units.list_units(tx)}
        for wanted in settings.units:
            if wanted.slug not in stored:
                way_out = "den läggs in när ingang run startar nästa gång"
                yield Finding(f"enhet {wanted.slug}", "finns i config.toml men inte i databasen", way_out, stops=False)
            else:
                yield from _differences(wanted, stored[wanted.slug])
        if not stored and not settings.units:
            yield Finding("enheter", "det finns ingen enhet", "lägg till en i config.toml, se config.example.toml")
        for unit in stored.values():
            if next_staffed(roster.load(tx, unit.id), now) is None:
                way_out = "lägg in arbetstider med ingang staff add, annars lovar boten inget svar"
                yield Finding(f"enhet {unit.slug}", "ingen läser de närmaste 30 dagarna", way_out)
            if not unit.live:
                what = "är inte öppen: den som väljer enheten får veta det"
                yield Finding(f"enhet {unit.slug}", what, "öppna den på sidan Bemanning", stops=False)
            yield from _alarms(tx, unit, channels)
            if not unit.settings.get("phone"):
                way_out = "skriv numret i config.toml före första starten"
                yield Finding(f"enhet {unit.slug}", "inget telefonnummer till enheten", way_out)


def _differences(wanted: Unit, stored: StoredUnit) -> Iterator[Finding]:
    """After its first start the database has the unit's settings; say where the file says something else."""
    theirs = {"name": stored.name, "municipality": stored.municipality, **stored.settings}
    for name, value in {"name": wanted.name, "municipality": wanted.municipality, **unit_settings(wanted)}.items():
        if theirs.get(name) != value:
            what = f"{name} är {theirs.get(name)!r} i databasen och {value!r} i config.toml"
            yield Finding(f"enhet {wanted.slug}", what, "databasen gäller", stops=False)


def _alarms(tx: Tx, unit: StoredUnit, channels: Collection[str]) -> Iterator[Finding]:
    """After distress a person is told that staff have been alarmed: then an alarm must reach somebody."""
    members = staff.list_members(tx, unit.id)
    for each in members:
        if each.device and each.device_channel not in channels:
            what = f"{each.first_name} har arbetstelefon på kanalen {each.device_channel}, som inte är på"
            way_out = f"slå på kanalen i config.toml, eller byt telefon med ingang staff; på är: {_listed(channels)}"
            yield Finding(f"enhet {unit.slug}", what, way_out)
    if not any(_reached(each, channels) for each in members):
        way_out = "lägg in en med ingang staff add --device sms:+46...; annars måste någon se i inkorgen, ofta"
        yield Finding(f"enhet {unit.slug}", "ingen har en arbetstelefon, så inget larm kan gå ut", way_out)
    elif not any(_reached(each, channels) for each in members if each.manager):
        way_out = "lägg in en chef med ingang staff add --manager --device sms:+46..."
        what = "larm som ingen tar har ingen chef att gå till"
        yield Finding(f"enhet {unit.slug}", what, way_out, stops=False)


def _reached(member: Member, channels: Collection[str]) -> bool:
    return bool(member.device) and member.device_channel in channels


def _listed(channels: Collection[str]) -> str:
    return ", ".join(sorted(channels)) or "ingen"
