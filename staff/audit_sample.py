"""A month's sample for the manager who reviews the log: who read about whom, how often, and what stands out.

The sample is drawn with the installation's key: the same every time it is asked for, and nobody can know beforehand
whom it falls on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from staff import audit_words as words
from staff.audit_log import Known, read_month, what_is_known
from staff.people import Actor, DeskFault, find_unit
from storage import audit, audit_about
from storage.audit import Entry, Wanted
from storage.audit_about import About
from storage.db import Store, Tx

SIZE: Final = 20
MOST_SHOWN: Final = 100
MANY: Final = 15
"""So many readings of one person by one colleague in a month are worth a question. Our own mark, no rule's."""
LISTS: Final = frozenset({"participant.list", "inbox.list", "referral.list"})
"""They are not about one person. (Nor is reading the log about somebody reading about them.)"""


@dataclass(frozen=True, slots=True)
class Pair:
    """One who read about one person: how often in the month, of these how often at night, and what stands out."""

    who: str
    person: int
    reads: int
    nights: int
    first: datetime
    last: datetime
    outside: bool
    protected: bool

    @property
    def many(self) -> bool:
        """Whether it was unusually often."""
        return self.reads >= MANY

    @property
    def why(self) -> tuple[str, ...]:
        """What stands out, in words."""
        told = (
            (self.protected, "skyddade uppgifter"),
            (self.outside, "annan enhet"),
            (bool(self.nights), f"kväll, natt eller ledig dag: {self.nights}"),
            (self.many, "ofta"),
        )
        return tuple(word for is_so, word in told if is_so)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the manager gets: `drawn` at random, `marked` all that stands out (at most 100), and how many there are."""

    unit: str
    month: str
    drawn: tuple[Pair, ...]
    marked: tuple[Pair, ...]
    pairs: int
    reads: int
    all_marked: int


def draw(store: Store, now: datetime, actor: Actor, month: str, unit_slug: str, size: int = SIZE) -> Sample:
    """Draw a month's sample for a unit: what its staff read, and what others read about its people.

    Raises DeskFault for a month that is none, or a unit that is not theirs.
    """
    since, until = read_month(month)
    with store.read() as tx:
        unit = find_unit(tx, unit_slug or None, actor)
        if unit is None:
            raise DeskFault("det står inte vilken enhet", "--unit", "skriv enhetens korta namn")
        known = what_is_known(tx)
        grouped = _group(tx, audit.all_lines(tx, Wanted(since, until, sort="reads")))
        pairs = [
            (_order(tx, month, unit.slug, by, about), _pair(by, about, lines, known))
            for (by, about), lines in grouped.items()
            if _concerns(unit.id, by, about, known)
        ]
    with store.begin() as tx:
        audit.write(tx, now, actor.ref, "audit.sample", f"unit:{unit.id}", f"ok {month.strip()}")
    drawn = tuple(pair for _, pair in sorted(pairs, key=lambda each: each[0])[:size])
    marked = sorted((pair for _, pair in pairs if pair.why), key=_weight)
    reads = sum(pair.reads for _, pair in pairs)
    return Sample(unit.name, month.strip(), drawn, tuple(marked[:MOST_SHOWN]), len(pairs), reads, len(marked))


@dataclass(slots=True)
class _Reads:
    count: int
    nights: int
    first: datetime
    last: datetime


def _group(tx: Tx, lines: Iterable[Entry]) -> dict[tuple[str, About], _Reads]:
    """Who read about whom; by whom it was done, not from which machine."""
    by_ref: dict[tuple[str, str], _Reads] = {}
    for line in lines:
        if line.action in LISTS or line.action.startswith("audit."):
            continue
        night = words.at_night(line.at)
        key = (line.actor.partition(" via ")[0], line.object_ref)
        reads = by_ref.setdefault(key, _Reads(0, 0, line.at, line.at))
        reads.count, reads.nights = reads.count + 1, reads.nights + night
        reads.first, reads.last = min(reads.first, line.at), max(reads.last, line.at)
    whom = audit_about.about(tx, (ref for _, ref in by_ref))
    grouped: dict[tuple[str, About], _Reads] = {}
    for (by, ref), reads in by_ref.items():
        about = whom.get(ref)
        if about is None or about.person is None:
            continue
        kept = grouped.setdefault((by, about), _Reads(0, 0, reads.first, reads.last))
        kept.count, kept.nights = kept.count + reads.count, kept.nights + reads.nights
        kept.first, kept.last = min(kept.first, reads.first), max(kept.last, reads.last)
    return grouped


def _concerns(unit_id: int, by: str, about: About, known: Known) -> bool:
    member = words.staff_id(by)
    return about.unit == unit_id or (member is not None and unit_id in known.works_for.get(member, set()))


def _pair(by: str, about: About, reads: _Reads, known: Known) -> Pair:
    member = words.staff_id(by)
    theirs = known.works_for.get(member, set()) if member is not None else set()
    outside = about.unit is not None and about.unit not in theirs
    return Pair(
        words.actor_words(by, known.names), about.person or 0, reads.count, reads.nights, reads.first, reads.last,
        outside, about.protected,
    )  # fmt: skip


def _order(tx: Tx, month: str, slug: str, by: str, about: About) -> bytes:
    return tx.vault.audit_mark(f"sample|{month}|{slug}|{by}|{about.person}".encode())


def _weight(pair: Pair) -> tuple[bool, bool, int, int]:
    return (not pair.protected, not pair.outside, -pair.nights, -pair.reads)
