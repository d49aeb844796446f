"""What may be set for a unit, and how what is typed is read. What cannot be is told in Swedish, beside its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, Final

from bot.actions.sending_job import SECOND_ABOVE
from rules.promise import ANSWERS_A_DAY
from rules.seats import HOLD

_CLOCK: Final = re.compile(r"(\d{1,2})(?:[.:](\d\d))?", re.ASCII)
_PHONE: Final = re.compile(r"\+?[0-9][0-9 /-]{4,19}")
_LINK: Final = re.compile(r"https://[^\s/]+\.[^\s]+")
_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `read` gives what is kept, or raises ValueError with what is wrong.

    `at` is where: a key among the unit's settings, or a group and a key in it. `usual` counts when nothing is set.
    A `long` one has room for more than one row.
    """

    name: str
    label: str
    read: Callable[[str], Any]
    at: tuple[str, ...]
    hint: str = ""
    usual: Any = ""
    long: bool = False


def line(longest: int, *, needed: bool = True) -> Callable[[str], str]:
    """One line of text."""

    def read(text: str) -> str:
        said = " ".join(text.split())
        if needed and not said:
            raise ValueError("Det här behövs.")
        if len(said) > longest:
            raise ValueError(f"Det är {len(said)} tecken. Skriv högst {longest}.")
        return said

    return read


def names(longest: int, most: int) -> Callable[[str], list[str]]:
    """Names with commas between, or none."""

    def read(text: str) -> list[str]:
        said = list(dict.fromkeys(" ".join(each.split()) for each in text.split(",") if each.strip()))
        if len(said) > most:
            raise ValueError(f"Det är {len(said)} namn. Skriv högst {most}.")
        if long := next((each for each in said if len(each) > longest or not each[0].isalpha()), None):
            raise ValueError(f"Skriv namn med komma emellan. Det här är inget namn: {long[:longest]}")
        return said

    return read


def phone(text: str) -> str:
    """A number as it is to be read."""
    said = " ".join(text.split())
    if not _PHONE.fullmatch(said):
        raise ValueError("Skriv ett nummer med siffror, mellanslag och bindestreck: 0929-170 00.")
    return said


def phone_or_none(text: str) -> str:
    """A number, or nothing."""
    return phone(text) if text.strip() else ""


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number."""

    def read(text: str) -> int:
        said = text.strip()
        if not (said.isascii() and said.isdigit() and len(said) < 6 and least <= int(said) <= most):
            raise ValueError(f"Skriv ett helt tal från {least} till {most}.")
        return int(said)

    return read


def clock(text: str) -> str:
    """A time of day: 9, 9.30, 09:30; kept as "09:30"."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise ValueError("Skriv ett klockslag: 09.00.")
    return f"{time(int(match[1]), int(match[2] or 0)):%H:%M}"


def clocks(text: str) -> list[str]:
    """Times of day with commas between, or none."""
    return sorted({clock(each) for each in text.split(",") if each.strip()})


def link(text: str) -> str:
    """An address that begins with https, or nothing."""
    said = text.strip()
    if said and (not _LINK.fullmatch(said) or len(said) > 120):
        raise ValueError("Skriv en adress som börjar med https://, högst 120 tecken.")
    return said


def slug_of(name: str, taken: set[str]) -> str:
    """Give a new place its short name."""
    plain = name.casefold().translate(str.maketrans("åäöéü", "aaoeu"))
    stem = _SLUG.sub("-", plain).strip("-")[:30] or "plats"
    number = 1
    while (slug := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return slug


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that are saved together."""

    key: str
    title: str
    fields: tuple[Field, ...]


SECTIONS: Final[Mapping[str, Section]] = {
    section.key: section
    for section in (
        Section(
            "enheten",
            "Enheten",
            (
                Field("name", "Namn", line(60), ("name",), "Så som deltagare känner enheten: Ingång Älvsbyn."),
                Field("phone", "Telefon", phone, ("phone",), "Numret som deltagare kan ringa."),
                Field("address", "Adress", line(80), ("address",), "Där ”hos oss” är."),
                Field(
                    "villages", "Byar och orter", names(40, 80), ("villages",),
                    "Med komma emellan: Vidsel, Korsträsk. Då förstår boten den som skriver sin by.",
                    long=True,
                ),
                Field(
                    "where_under_15", "Vart den som är under 15 kan vända sig", line(120), ("where_under_15",),
                    "Skickas som det står.", long=True,
                ),
                Field(
                    "where_over_29", "Vart den som är över 29 kan vända sig", line(120), ("where_over_29",),
                    "Skickas som det står.", long=True,
                ),
                Field(
                    "report_to", "Nummer för orosanmälan", phone_or_none, ("report_to",),
                    "Visas för er vid akut oro för någon under 18. Skickas aldrig ut.",
                ),
            ),
        ),
        Section(
            "loften",
            "Löften om svar",
            (
                Field(
                    "promise_days", "Svar på en anmälan", whole(1, 10), ("promise_days",),
                    "Inom så många bemannade dagar.", 2,
                ),
                Field(
                    "message_days", "Svar på ett meddelande", whole(1, 10), ("message_days",),
                    "Inom så många bemannade dagar.", 1,
                ),
                Field(
                    "answers_per_day", "Svar om dagen, per kollega", whole(1, 100), ("answers_per_day",),
                    "Så många hinner var och en som arbetar svara. Väntar fler lovar boten en senare dag.",
                    ANSWERS_A_DAY,
                ),
            ),
        ),
        Section(
            "moten",
            "Möten",
            (
                Field("earliest", "Tidigast", clock, ("meetings", "earliest"), "Då ett möte kan börja.", "09:00"),
                Field("latest", "Senast", clock, ("meetings", "latest"), "Då ett möte ska vara slut.", "17:00"),
                Field(
                    "notice_hours", "Framförhållning, timmar", whole(0, 168), ("meetings", "notice_hours"),
                    "Så långt före måste en tid ligga för att boten ska erbjuda den.", 3,
                ),
            ),
        ),
        Section(
            "grupper",
            "Grupper och utskick",
            (
                Field(
                    "hold_hours", "Så länge hålls en ledig plats, timmar", whole(1, 72), ("groups", "hold_hours"),
                    "För den som står först i kön. Nära starten kortare.", int(HOLD.total_seconds() // 3600),
                ),
                Field(
                    "second_above", "Två av er säger ja till utskick över", whole(1, 500), ("many", "second_above"),
                    "Antal personer. Färre än så skickas av en ensam.", SECOND_ABOVE,
                ),
            ),
        ),
        Section(
            "sandning",
            "Sändningstider",
            (
                Field("from", "Från", clock, ("sending", "from"), "Det som boten själv börjar skriva går ut då."),
                Field("to", "Till", clock, ("sending", "to"), "Svar och era egna ord går ut när som helst."),
            ),
        ),
    )
}  # fmt: skip
