"""What a unit says about meetings: which kinds are on, and at what time of day. A change takes effect at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from bot.actions.house import House
from bot.actions.meetings import policy_of
from rules.reminders import AFTER, BEFORE, Policy
from staff.people import Actor, DeskFault, find_unit
from storage import appointments, audit, units
from storage.db import Store
from storage.units import Unit

CAN_BE_OFF: Final = tuple(name for name in (*BEFORE, *AFTER) if name != "confirmation")
CLOCKS: Final = ("three_days_at", "day_before_at", "silence_at")


@dataclass(frozen=True, slots=True)
class Told:
    """A unit's policy, in plain values: kind -> on, and the clocks."""

    unit: str
    kinds: Mapping[str, bool]
    clocks: Mapping[str, str]


def read(store: Store, house: House, now: datetime, actor: Actor, unit_slug: str | None) -> list[Told]:
    """Give the policy of one unit, else of every unit that the actor sees."""
    with store.begin() as tx:
        unit = find_unit(tx, unit_slug, actor)
        shown = [unit] if unit else [one for one in units.list_units(tx) if actor.sees(one.id)]
        audit.write(tx, now, actor.ref, "reminders.list", f"unit:{unit_slug}" if unit_slug else "units")
        return [_told(one, policy_of(tx, house, one)) for one in shown]


def show(store: Store, house: House, unit: Unit) -> Told:
    """Give the policy of a unit that is being shown with its other settings."""
    with store.read() as tx:
        return _told(unit, policy_of(tx, house, units.get_unit(tx, unit.id)))


def change(
    store: Store, house: House, now: datetime, actor: Actor, unit_slug: str, *,
    off: Sequence[str] = (), on: Sequence[str] = (), clocks: Mapping[str, str] | None = None,
) -> Told:  # fmt: skip
    """Switch kinds off and on, and set clocks ("17:00"); the plans of all the unit's meetings are asked anew.

    Raises DeskFault for a kind or a clock that there is not; then nothing has changed.
    """
    for kind in (*off, *on):
        if kind not in CAN_BE_OFF:
            raise DeskFault(
                f"{kind} går inte att stänga av eller sätta på", "--off", f"välj bland: {', '.join(CAN_BE_OFF)}"
            )
    times = {name: _clock(name, value) for name, value in (clocks or {}).items()}
    with store.begin() as tx:
        unit = find_unit(tx, unit_slug, actor)
        if unit is None:
            raise DeskFault("det står inte vilken enhet", "--unit", "skriv enhetens korta namn")
        unit = units.get_to_change(tx, unit.id)
        was = policy_of(tx, house, unit)
        kept = {**(unit.settings.get("reminders") or {}), **times, "off": sorted((was.off | set(off)) - set(on))}
        units.set_settings(tx, unit.id, reminders=kept)
        appointments.look_again(tx, now, unit_id=unit.id)
        audit.write(tx, now, actor.ref, "reminders.change", f"unit:{unit.id}")
        fresh = units.get_unit(tx, unit.id)
        return _told(fresh, policy_of(tx, house, fresh))


def _told(unit: Unit, policy: Policy) -> Told:
    kinds: dict[str, bool] = {name: name not in policy.off for name in CAN_BE_OFF}
    clocks = {name: f"{getattr(policy, name):%H:%M}" for name in CLOCKS}
    return Told(unit.slug, kinds, clocks)


def _clock(name: str, text: str) -> str:
    try:
        return f"{time.fromisoformat(text.strip()):%H:%M}"
    except ValueError:
        way_out = "skriv den så här: 17:00"
        raise DeskFault(f"tiden {text} går inte att läsa", f"--{name.replace('_', '-')}", way_out) from None
