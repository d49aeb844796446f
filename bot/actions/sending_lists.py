"""A list of staff's own: a file or a few lines with names, numbers or both. It chooses people, and sends nothing.

Every line that cannot be used is named with why; the others are kept, and wait until somebody asks for them.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.actions.house import House
from bot.actions.merging import sms_channel
from flows.phone import read_phone
from storage import audience, contacts, participants
from storage.db import Tx
from storage.units import Unit

MOST_LINES: Final = 2_000
LONGEST_LINE: Final = 500
_HEADINGS: Final = {
    "namn",
    "name",
    "nummer",
    "telefon",
    "telefonnummer",
    "mobil",
    "mobilnummer",
    "förnamn",
    "efternamn",
}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be used: its number in the file, from 1; what stands there; and why, in Swedish."""

    number: int
    said: str
    why_sv: str


@dataclass(frozen=True, slots=True)
class OwnList:
    """Whom a list names, each once, in its order; and the lines that name nobody."""

    people: tuple[int, ...]
    bad: tuple[BadLine, ...]


def read_list(tx: Tx, house: House, unit: Unit, text: str) -> OwnList:
    """Read a list of a unit's people: a line each, a name, a number or both, parted by comma, semicolon or tab.

    Who has protected identity is not found by it, as by no other search.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    known, found, bad = _Known(tx, house, unit), dict[int, int](), list[BadLine]()
    for number, line in enumerate(lines[:MOST_LINES], start=1):
        cells = _cells(line)
        if not cells or (number == 1 and {cell.casefold() for cell in cells} <= _HEADINGS):
            continue
        who, why = known.find(cells) if len(line) <= LONGEST_LINE else (None, "Raden är för lång.")
        if who is None:
            bad.append(BadLine(number, line.strip()[:80], why))
        elif who in found:
            bad.append(BadLine(number, line.strip()[:80], f"Det är samma person som på rad {found[who]}."))
        else:
            found[who] = number
    if len(lines) > MOST_LINES:
        bad.append(BadLine(MOST_LINES + 1, "", f"Listan har {len(lines)} rader. Högst {MOST_LINES} läses."))
    return OwnList(tuple(found), tuple(bad))


def _cells(line: str) -> list[str]:
    line = line.replace("\x00", "")
    parting = next((sign for sign in ";\t," if sign in line), ";")
    try:
        row = next(csv.reader([line], delimiter=parting), [])
    except csv.Error:
        return [line.strip()]
    return [cell.strip() for cell in row if cell.strip()]


class _Known:
    """The unit's people by number and by name."""

    def __init__(self, tx: Tx, house: House, unit: Unit) -> None:
        self._tx, self._unit, self._sms = tx, unit, sms_channel(house)
        ways = audience.of_unit(tx, unit.id)
        self._open = {way.participant_id for way in ways if not way.protected}
        self._names: Mapping[str, set[int]] | None = None

    def find(self, cells: list[str]) -> tuple[int | None, str]:
        """Give the person of a line; or None, and why there is none."""
        numbers = [cell for cell in cells if sum(sign.isdigit() for sign in cell) >= 5]
        names = [cell for cell in cells if cell not in numbers and any(sign.isalpha() for sign in cell)]
        if len(numbers) > 1:
            return None, "Det står flera nummer på raden."
        if numbers:
            return self._by_number(numbers[0])
        return self._by_name(" ".join(names)) if names else (None, "Det står varken ett namn eller ett nummer här.")

    def _by_number(self, said: str) -> tuple[int | None, str]:
        phone = read_phone(said)
        if phone.e164 is None:
            return None, "Det är inget telefonnummer."
        if not phone.mobile:
            return None, "Numret kan inte ta emot sms."
        who = contacts.find(self._tx, self._sms, phone.e164) if self._sms is not None else None
        if who is None or who.participant_id not in self._open:
            return None, "Ingen hos er har det numret."
        return who.participant_id, ""

    def _by_name(self, said: str) -> tuple[int | None, str]:
        if self._names is None:
            self._names = self._read_names()
        who = self._names.get(_folded(said), set())
        if len(who) == 1:
            return next(iter(who)), ""
        return None, f"{len(who)} personer heter så. Skriv numret i stället." if who else "Ingen hos er heter så."

    def _read_names(self) -> Mapping[str, set[int]]:
        names: dict[str, set[int]] = defaultdict(set)
        for who, listed in participants.list_many(self._tx, self._open).items():
            name = (listed.profile or {}).get("name")
            if name:
                names[_folded(str(name))].add(who)
        return names


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
