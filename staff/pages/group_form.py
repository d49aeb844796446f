"""The form of an activity as a page draws it: what was typed, what there is to choose, what was seen before saving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, fields
from hashlib import sha256
from typing import Any, Final

from fastapi import Response

from bot.actions import meetings
from staff.activity_form import REPEATS, Known, Read, Typed
from staff.pages.visit import Visit
from storage import places, staff
from storage.activities import Activity
from storage.units import Unit

FIELDS: Final = tuple(each.name for each in fields(Typed))
LENGTHS: Final = (45, 60, 90, 120, 150, 180, 240)


@dataclass(frozen=True, slots=True)
class Form:
    """What the template that makes and changes draws. `before`: what is changed; None when one is made."""

    unit: Unit
    action: str
    heading: str
    typed: Typed
    read: Read
    before: Activity | None = None
    version: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def errors(self) -> Mapping[str, str]:
        """What is wrong, by field."""
        return self.read.faults

    @property
    def seen(self) -> str:
        """What stands in the form while the preview is looked at: saved only if it stands so still."""
        told = "\0".join(map(str, (*astuple(self.typed), self.unit.slug)))
        return sha256(told.encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def repeats(self) -> list[tuple[str, str]]:
        """How often, to choose among."""
        return list(REPEATS.items())

    @property
    def lengths(self) -> list[tuple[str, str]]:
        """The lengths to choose among, with the one that was typed."""
        found = {str(minutes): _length(minutes) for minutes in LENGTHS}
        if self.typed.minutes and self.typed.minutes not in found:
            found[self.typed.minutes] = f"{self.typed.minutes} minuter"
        return list(found.items())


def _length(minutes: int) -> str:
    hours, left = divmod(minutes, 60)
    half = {0: "", 30: ",5"}.get(left)
    return (
        f"{minutes} minuter" if half is None or not hours else f"{hours}{half} {'timme' if minutes == 60 else 'timmar'}"
    )


def typed_in(visit: Visit) -> Typed:
    """Give what was typed."""
    return Typed(**{name: visit.text(name) for name in FIELDS})


def unit_of(visit: Visit) -> Unit:
    """Give the chosen unit; the first of theirs when none is chosen. Missing when they have none."""
    return visit.unit() or (visit.units[0] if visit.units else visit.missing())


def unit_options(visit: Visit) -> list[tuple[str, str]]:
    """Give their units to choose among, with all of them first."""
    return [("", "Alla"), *((each.slug, each.municipality) for each in visit.units)]


def known_of(visit: Visit, unit: Unit, before: Activity | None = None) -> Known:
    """Give what a unit has to choose among, and what stands when an activity is changed."""
    with visit.store.read() as tx:
        leaders, coming = staff.names(tx, unit.id), places.count(tx, before.id) if before else 0
    kept = {before.place} if before and before.place else set()
    slugs = {place.slug for place in meetings.places_of(unit) if not place.retired} | kept
    own, guard = {before.leader} if before and before.leader else set(), visit.house.catalog.guard
    return Known(
        slugs, set(leaders) | own, visit.house.hours.zone, before, coming,
        lambda text: [found.words for found in guard.findings(text)],
    )  # fmt: skip


def draw(visit: Visit, form: Form, status: int = 200) -> Response:
    """Draw the form."""
    with visit.store.read() as tx:
        members = staff.names(tx, form.unit.id)
    own = form.before.place if form.before else None
    there = [one for one in meetings.places_of(form.unit) if not one.retired or one.slug == own]
    return visit.page(
        "group_form.html", title=form.heading, room="grupper", status=status, form=form, plan=form.read.plan,
        places=[("", "Ingen av dem"), *((one.slug, one.name) for one in there)],
        members=[("", "Ingen än"), *members.items()], units=[(each.slug, each.municipality) for each in visit.units],
        **form.more,
    )  # fmt: skip
