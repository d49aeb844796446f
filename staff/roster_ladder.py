"""Who is alarmed, in which order, in words: "Först Sara och Ali. Efter 10 minuter Mona. Sist chefen Eva."."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from rules.alarms import due_at, steps
from rules.calendar import swedish_moment, to_local
from rules.roster import Roster, next_staffed


def ladder(
    roster: Roster, order: Sequence[int], manager: int | None, names: Mapping[int, str], now: datetime,
    *, unreached: Collection[int] = (),
) -> list[str]:  # fmt: skip
    """Give the rungs for something that happens at `now`, as sentences, as rules.alarms reckons them.

    Those in `unreached` have no work device that is on: an alarm goes past them, and that is said.
    """
    rungs = [each for each in steps(now, roster, order, manager) if each.staff]
    if not rungs:
        return ["Ingen larmas: ingen är inlagd och ingen chef är vald."]
    begins = due_at(rungs) or now
    told = []
    if next_staffed(roster, now) is None:  # the manager alone is told then
        minutes = int((begins - now).total_seconds() // 60)
        who = _name(rungs[0].staff[0], names, manager, unreached)
        return [f"Ingen är inlagd de närmaste 30 dagarna. Efter {minutes} minuter larmas {who}."]
    if begins > now:
        told.append(f"Ingen är på plats nu. Larmet väntar till {swedish_moment(begins, to_local(now).date())}.")
    for number, rung in enumerate(rungs):
        minutes = int((rung.at - begins).total_seconds() // 60)
        who = _listed([_name(each, names, manager, unreached) for each in rung.staff])
        if number == 0:
            told.append(f"Först {who}.")
        elif number == len(rungs) - 1:
            told.append(f"Sist, efter {minutes} minuter, {who}." if minutes else f"Sist {who}.")
        else:
            told.append(f"Efter {minutes} minuter {who}.")
    return told


def _name(who: int, names: Mapping[int, str], manager: int | None, unreached: Collection[int]) -> str:
    name = names.get(who, "någon som har slutat")
    name = f"chefen {name}" if who == manager else name
    return f"{name} (nås inte: saknar arbetstelefon)" if who in unreached else name


def _listed(words: Sequence[str]) -> str:
    return " och ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
