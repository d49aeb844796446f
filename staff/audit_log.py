"""The audit log as it is read: by person, by colleague, by month; whether its chain is whole. Reading it is logged too.

Whoever reads it sees what was done in their units or to their units' people, and nobody else's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from rules.calendar import to_local, to_utc
from staff import audit_words as words
from staff.people import Actor, DeskFault
from storage import audit, audit_about, audit_check, staff, units
from storage.audit import Entry, Sort, Wanted
from storage.audit_about import About
from storage.audit_check import Checked
from storage.db import Store, Tx

A_PAGE: Final = 50
_MOST_LOOKS: Final = 10
"""So many pages of lines are looked through for one page of those that the reader may see."""
_MONTH: Final = re.compile(r"(20[2-9]\d)-(0[1-9]|1[0-2])")
_MONTHS: Final = (
    "januari februari mars april maj juni juli augusti september oktober november december".split()
)  # fmt: skip
SORTS: Final[Mapping[Sort, str]] = {"reads": "Läsningar", "changes": "Ändringar", "refused": "Nekade"}


@dataclass(frozen=True, slots=True)
class Ask:
    """What to look for, as it was typed; empty is all."""

    person: int | None = None
    member: int | None = None
    month: str = ""
    sort: Sort | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line, in words and in codes."""

    id: int
    at: datetime
    who: str
    actor: str
    what: str
    action: str
    whom: str
    ref: str
    outcome: str
    person: int | None
    outside: bool  # the person is of another unit than those whom the colleague works for
    protected: bool
    night: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first; `older` is what to ask `before` for the next ones."""

    rows: tuple[Row, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is needed to put lines into words."""

    names: Mapping[int, str]
    units: Mapping[int, str]
    works_for: Mapping[int, set[int]]


def read_month(month: str) -> tuple[datetime, datetime]:
    """Give when a month ("2026-11") begins and ends, Swedish time, as UTC. DeskFault for what is none."""
    match = _MONTH.fullmatch(month.strip())
    if match is None:
        raise DeskFault(f"{month} är ingen månad", "month", "skriv den så här: 2026-11")
    year, number = int(match[1]), int(match[2])
    after = date(year + number // 12, number % 12 + 1, 1)
    return to_utc(date(year, number, 1), time(0)), to_utc(after, time(0))


def months(now: datetime, back: int = 24) -> list[str]:
    """Give this month and those before it, newest first."""
    local = to_local(now)
    count = local.year * 12 + local.month - 1
    return [f"{each // 12}-{each % 12 + 1:02}" for each in range(count, count - back, -1)]


def month_words(month: str) -> str:
    """Give a month in words: "november 2026"."""
    return f"{_MONTHS[int(month[5:]) - 1]} {month[:4]}"


def members(store: Store, actor: Actor) -> list[tuple[int, str]]:
    """Give those who work or have worked in the reader's units, by name."""
    with store.read() as tx:
        known = what_is_known(tx)
    theirs = known.works_for
    seen = (who for who in known.names if actor.unit_ids is None or theirs.get(who, set()) & actor.unit_ids)
    return sorted(((who, known.names[who]) for who in seen), key=lambda each: each[1].casefold())


def read_log(store: Store, now: datetime, actor: Actor, ask: Ask) -> Page:
    """Give a page of the log, and note who read it. Raises DeskFault for a month that is none."""
    span = read_month(ask.month) if ask.month else (None, None)
    with store.begin() as tx:
        ref = "audit" if ask.person is None else f"participant:{ask.person}"
        page = _page(tx, actor, ask, *span)
        action = "audit.list" if ask.person is None else "audit.show"
        audit.write(tx, now, actor.ref, action, ref, f"ok {len(page.rows)}")
    return page


def _page(tx: Tx, actor: Actor, ask: Ask, since: datetime | None, until: datetime | None) -> Page:
    wanted = Wanted(
        since,
        until,
        None if ask.person is None else audit_about.refs_of(tx, ask.person),
        None if ask.member is None else {f"staff:{ask.member}"},
        ask.sort,
    )
    known, before, rows = what_is_known(tx), ask.before, list[Row]()
    for _ in range(_MOST_LOOKS):
        lines = audit.list_lines(tx, wanted, A_PAGE + 1, before=before)
        rows += in_words(tx, actor, lines, known)
        before = lines[-1].id if lines else None
        if len(lines) <= A_PAGE or len(rows) > A_PAGE:
            break
    else:
        return Page(tuple(rows[:A_PAGE]), before)
    more = len(rows) > A_PAGE
    return Page(tuple(rows[:A_PAGE]), rows[A_PAGE - 1].id if more else None)


def what_is_known(tx: Tx) -> Known:
    """Give the names of all who have ever worked here, and of the units."""
    names = staff.all_names(tx)
    return Known(names, {unit.id: unit.name for unit in units.list_units(tx)}, audit_about.units_of_staff(tx))


def in_words(tx: Tx, actor: Actor, lines: Sequence[Entry], known: Known) -> list[Row]:
    """Put lines into words, but for those that the reader may not see."""
    whom = audit_about.about(tx, (line.object_ref for line in lines))
    return [
        _row(line, known, whom.get(line.object_ref))
        for line in lines
        if _may_see(actor, line, known, whom.get(line.object_ref))
    ]


def _may_see(actor: Actor, line: Entry, known: Known, about: About | None) -> bool:
    if actor.unit_ids is None:
        return True
    by = words.staff_id(line.actor)
    ours = by is not None and bool(known.works_for.get(by, set()) & actor.unit_ids)
    if about is None or about.unit is None:
        return ours or by is None
    return ours or about.unit in actor.unit_ids


def _row(line: Entry, known: Known, about: About | None) -> Row:
    about = about or About(None, None)
    by = words.staff_id(line.actor)
    theirs = known.works_for.get(by, set()) if by is not None else set()
    return Row(
        id=line.id,
        at=line.at,
        who=words.actor_words(line.actor, known.names),
        actor=line.actor,
        what=words.action_words(line.action),
        action=line.action,
        whom=words.object_words(line.object_ref, known.names, known.units),
        ref=line.object_ref,
        outcome=words.outcome_words(line.outcome),
        person=about.person,
        outside=about.unit is not None and by is not None and about.unit not in theirs,
        protected=about.protected,
        night=words.at_night(line.at),
    )


# --- the chain -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chain:
    """How the chain stands: `bad` in words, empty when nothing is wrong; when it was last looked at, and wholly."""

    at: datetime | None
    whole_at: datetime | None
    bad: str


BAD: Final[Mapping[str, str]] = {
    "changed": "en rad, eller dess länk, säger något annat än när den skrevs",
    "missing": "en rad eller en länk är borta",
    "inserted": "en rad är skriven av en främmande hand",
    "unlinked": "en rad har förlorat sin länk",
    "cut": "kedjan är avklippt",
    "beginning": "kedjan börjar inte som den ska",
    "anchor": "kedjan är en annan än den som noterades",
}


def chain(store: Store, *, actor: Actor | None = None, now: datetime | None = None) -> Chain:
    """Give how the chain stands; with an actor and a time, check its next part first, and note who did."""
    with store.read() as tx:
        state = audit_check.checked(tx) if now is None else audit_check.check_some(tx, now)
    if now is not None and actor is not None:
        with store.begin() as tx:
            audit_check.keep(tx, state)
            outcome = "ok" if state.bad is None else f"broken: {state.bad[0]}"
            audit.write(tx, now, actor.ref, "audit.check", "audit", outcome)
    return Chain(state.at, state.whole_at, _bad(state))


def _bad(state: Checked) -> str:
    if state.bad is None:
        return ""
    kind, line, position = state.bad
    where = f"rad {line}" if line is not None else f"länk {position}"
    return f"{BAD.get(kind, kind)} ({where})"
