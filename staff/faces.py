"""People in a list about something else: by the names that the one who looks may see, and no more.

Those with protected identity are never named but to a named reader, nor those who belong to another unit by now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from staff.labels import HIDDEN, NOBODY
from staff.people import Actor
from storage import named_readers, participants
from storage.db import Tx

ELSEWHERE: Final = "Hör till en annan enhet"


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody in a list. `open`: their page is the looker's to open, and their name stands here."""

    id: int
    name: str
    open: bool
    protected: bool = False
    birth_year: int | None = None


def faces(tx: Tx, actor: Actor, ids: Iterable[int]) -> dict[int, Face]:
    """Give people by their ids, in as many questions for few as for many; two of one name with their years."""
    readable = named_readers.people_of(tx, actor.staff_id)
    found = {}
    for who, listed in participants.list_many(tx, ids, show_protected=readable).items():
        profile, year = listed.profile or {}, (listed.profile or {}).get("birth_year")
        if not actor.sees(listed.person.unit_id):
            found[who] = Face(who, ELSEWHERE, open=False, protected=listed.person.protected)
        elif listed.person.protected and who not in readable:
            found[who] = Face(who, HIDDEN, open=False, protected=True)
        else:
            name = str(profile.get("name") or NOBODY)
            found[who] = Face(who, name, True, listed.person.protected, year if isinstance(year, int) else None)
    often = Counter(face.name for face in found.values() if face.open)
    return {
        who: replace(face, name=f"{face.name}, {face.birth_year}")
        if face.open and face.birth_year and often[face.name] > 1
        else face
        for who, face in found.items()
    }


NONE: Final = Face(0, NOBODY, open=False)
"""In the place of somebody who is not there any more."""
