"""The settings file, the keys, the database, the disk and the clock."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ingang.checks.finding import Finding
from ingang.settings import Settings
from ingang.settings_read import Fault
from storage import health
from storage.db import Store
from storage.errors import KeysUnusable, SchemaMismatch, StoreError, StoreUnavailable, Why

LITTLE_ROOM: Final = 1_000_000_000
NO_ROOM: Final = 200_000_000
"""Bytes. A county's talks for a year are some hundred megabytes, and a backup is as large as the database."""
CLOCK_MAY_DIFFER, CLOCK_IS_WRONG = timedelta(seconds=5), timedelta(seconds=20)
"""A provider's list is searched from half a minute before our try on, and a lease of a minute is begun with at least 25
seconds left: clocks that are further apart than that make a message look as if it had never been sent."""

WHY: Final[dict[Why, tuple[str, str]]] = {
    "locked": ("databasen är låst av ett annat program", "stäng det andra programmet, eller vänta"),
    "full": ("disken är full", "gör plats på disken"),
    "read_only": ("databasen går inte att skriva i", "ge användaren ingang rätt att skriva i filen och mappen"),
    "gone": ("databasen går inte att nå", "se att den är i gång och att database.url stämmer"),
    "io": ("disken svarar med fel", "stoppa Ingång, se i maskinens logg, och kontrollera disken innan ni går vidare"),
    "damaged": ("databasen är skadad", "stoppa Ingång och lägg tillbaka senaste kopian: ingang db restore"),
}


def of_settings(faults: list[Fault]) -> Iterator[Finding]:
    """Every fault in the settings."""
    for each in faults:
        way_out = f"rätta den i {each.where} ({each.way_out}); docs/settings.md visar alla inställningar"
        yield Finding(f"inställning {each.name}", each.what, way_out)


def of_file(settings: Settings, path: Path) -> Iterator[Finding]:
    """A file of settings with secrets in it that everybody on the machine may read."""
    secrets = (settings.telegram.token, settings.sms.auth_token, settings.web.metrics_token)
    try:
        mode, held = path.stat().st_mode, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if mode & (stat.S_IROTH | stat.S_IWOTH) and any(secret and secret in held for secret in secrets):
        yield Finding(f"inställningar {path}", "hemligheter som alla på maskinen kan läsa", f"kör: chmod o= {path}")


def of_store_error(error: StoreError) -> Finding:
    """Keys that are missing or wrong, a database that cannot be used, tables of another version."""
    if isinstance(error, KeysUnusable):
        way_out = f"{error.way_out}. Utan rätt nyckelfil går inget att läsa: leta upp kopian innan ni gör en ny"
        return Finding("nycklar", error.what, way_out)
    if isinstance(error, SchemaMismatch):
        return Finding("databas", "tabellerna passar inte den här versionen", error.way_out)
    if isinstance(error, StoreUnavailable):
        return Finding("databas", *WHY[error.why])
    return Finding("databas", error.what, error.way_out)


def of_database(store: Store) -> Iterator[Finding]:
    """Can it be written, is it whole, is there room? Raises StoreError."""
    health.try_write(store)
    for line in health.quick_check(store)[:3]:
        yield Finding("databas", f"är skadad: {line}", WHY["damaged"][1])
    free = health.free_bytes(store)
    if free is not None and free < LITTLE_ROOM:
        what = f"{free // 1_000_000} MB kvar på databasens disk"
        yield Finding("disk", what, "gör plats: en full disk stoppar allt", stops=free < NO_ROOM)


def of_clock(ours: datetime, theirs: datetime | None, whose: str) -> Iterator[Finding]:
    """The machine's clock against another's, both UTC."""
    if theirs is None:
        return
    apart = ours - theirs
    if abs(apart) > CLOCK_MAY_DIFFER:
        way = "före" if apart > timedelta() else "efter"
        what = f"maskinens klocka går {abs(int(apart.total_seconds()))} sekunder {way} {whose}"
        way_out = "slå på tidssynkronisering: timedatectl set-ntp true"
        yield Finding("klocka", what, way_out, stops=abs(apart) > CLOCK_IS_WRONG)


def of_test_clock(given: str | None) -> Iterator[Finding]:
    """A clock that is set for trying things out."""
    if given:
        yield Finding("klocka", f"INGANG_TEST_NOW är satt till {given}", "ta bort den: riktiga tider ska gälla")
