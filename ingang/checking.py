"""What `ingang check` examines. Each finding names the thing, what is wrong, and the way out, in Swedish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ingang.clock import business_clock
from ingang.open_store import opened_store
from ingang.seeding import unit_settings
from ingang.settings import Settings, Unit, load_settings
from ingang.wiring import CHANNELS
from messages.helplines import load_help_lines, stale
from rules.calendar import STOCKHOLM, to_local
from rules.roster import next_staffed
from storage import roster, staff, units
from storage.db import Store, Tx
from storage.units import Unit as StoredUnit


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend. `stops` is true where people would be let down, false where it is worth knowing."""

    name: str
    what: str
    way_out: str
    stops: bool = True


def examine() -> list[Finding]:
    """Examine everything that can be examined without an account. Raises SettingsError or StoreError where it ends."""
    settings = load_settings()
    today = to_local(business_clock().now(), STOCKHOLM).date()
    findings = list(_help_lines(today))
    with opened_store(settings) as store:
        store.check_ready()
        findings += _units(settings, store)
    return findings


def _help_lines(today: date) -> Iterator[Finding]:
    for line in stale(load_help_lines(), today):
        way_out = "ring eller läs numret, och skriv dagens datum i messages/sv/helplines.toml"
        yield Finding(f"hjälplinje {line.number}", f"kontrollerad {line.checked}, för länge sedan", way_out)


def _units(settings: Settings, store: Store) -> Iterator[Finding]:
    now = business_clock().now()
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
            yield from _people(tx, unit)


def _differences(wanted: Unit, stored: StoredUnit) -> Iterator[Finding]:
    """After its first start the database has the unit's settings; say where the file says something else."""
    theirs = {"name": stored.name, "municipality": stored.municipality, **stored.settings}
    for name, value in {"name": wanted.name, "municipality": wanted.municipality, **unit_settings(wanted)}.items():
        if theirs.get(name) != value:
            what = f"{name} är {theirs.get(name)!r} i databasen och {value!r} i config.toml"
            yield Finding(f"enhet {wanted.slug}", what, "databasen gäller", stops=False)


def _people(tx: Tx, unit: StoredUnit) -> Iterator[Finding]:
    members = staff.list_members(tx, unit.id)
    if not any(each.device and each.device_channel in CHANNELS for each in members):
        what = f"ingen arbetstelefon på en kanal som är på ({', '.join(CHANNELS)})"
        yield Finding(f"enhet {unit.slug}", what, "inget larm kan gå ut: någon måste se i inkorgen, ofta", stops=False)
    if not unit.settings.get("phone"):
        way_out = "skriv numret i config.toml före första starten"
        yield Finding(f"enhet {unit.slug}", "inget telefonnummer till enheten", way_out)
