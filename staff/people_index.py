"""An index of names, in this process alone and never on disk: folded words to people, by unit.

It is built by a thread of its own, off the road of any request. What has changed since is read before each search: the
database keeps whom (storage.people_changes), so each of several processes keeps up by itself. Protected persons are not
in it.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from operator import itemgetter
from typing import Any, Final
from weakref import WeakKeyDictionary

import structlog

from storage import participants, people_changes, reports
from storage.db import Store, Tx
from storage.errors import StoreUnavailable
from storage.reports import Scope

log = structlog.get_logger(__name__)

MANY: Final = 500
"""So many changes at once are read by the index's own thread; fewer by the search that finds them."""

PATIENCE: Final = 3.0
"""Seconds that a search waits for an index that is being built for the first time."""

_WORDS: Final = re.compile(r"[^\W_]+")
_AFTER_ALL: Final = chr(0x10FFFF)
_LETTERS: Final = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "đ": "d", "ł": "l", "þ": "th", "ð": "d"})


class NotReady(Exception):
    """The index is being built; the search may be tried again in a moment."""


def fold(text: str) -> list[str]:
    """Give the words of a text as they are searched by: small letters without marks, å and ä as a, ö as o."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return _WORDS.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))


def fits(parts: Iterable[str], words: Iterable[str]) -> bool:
    """Whether each part begins a word of its own: "ki and" is Kim Andersson."""
    left = list(words)
    for part in sorted(parts, key=len, reverse=True):
        hit = next((word for word in left if word.startswith(part)), None)
        if hit is None:
            return False
        left.remove(hit)
    return True


@dataclass(frozen=True, slots=True)
class _Known:
    unit_id: int | None
    words: tuple[str, ...]
    phone: str


class PeopleIndex:
    """The index of one store. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._ready = threading.Event()
        self._builder: threading.Thread | None = None
        self._people: dict[int, _Known] = {}
        self._words: dict[int | None, list[tuple[str, int]]] = {}
        self._phones: dict[str, set[int]] = {}
        self._count = 0
        self._seen: dict[int, int] = {}

    # --- building -----------------------------------------------------------------------------------------------------

    def build(self, store: Store) -> int:
        """Read everybody anew; give how many are in it. Searches go by the old one meanwhile."""
        people: dict[int, _Known] = {}
        with store.read() as tx:
            count = people_changes.newest(tx)
            seen = people_changes.since(tx, count)
            for row in reports.list_people(tx, Scope()):
                known = _known(row.unit_id, row.profile)
                if known is not None:
                    people[row.id] = known
        words: dict[int | None, list[tuple[str, int]]] = {}
        phones: dict[str, set[int]] = {}
        for person, known in people.items():
            words.setdefault(known.unit_id, []).extend((word, person) for word in set(known.words))
            if known.phone:
                phones.setdefault(known.phone, set()).add(person)
        for each in words.values():
            each.sort()
        with self._lock:
            self._people, self._words, self._phones, self._count, self._seen = people, words, phones, count, seen
        self._ready.set()
        return len(people)

    def start(self, store: Store) -> None:
        """Let the index's own thread build it, unless it is at it."""
        with self._lock:
            if self._builder is not None and self._builder.is_alive():
                return
            self._builder = threading.Thread(target=self._build, args=(store,), name="people-index", daemon=True)
            self._builder.start()

    def _build(self, store: Store) -> None:
        try:
            self.build(store)
        except StoreUnavailable:
            log.warning("people.index_waits")  # the next search tries again

    # --- keeping up ---------------------------------------------------------------------------------------------------

    def catch_up(self, tx: Tx, store: Store) -> None:
        """Read those who have changed; many at once are left to the index's own thread."""
        changed = people_changes.since(tx, self._count)
        with self._lock:
            fresh = {count: person for count, person in changed.items() if self._seen.get(count) != person}
            if len(fresh) > MANY:
                self.start(store)
                return
            if fresh:
                self._read(tx, set(fresh.values()))
                self._count = max(self._count, *fresh)
                kept = {**self._seen, **fresh}
                self._seen = {count: who for count, who in kept.items() if count > self._count - people_changes.BACK}

    def _read(self, tx: Tx, ids: Collection[int]) -> None:
        now = participants.list_many(tx, ids)
        for person in ids:
            self._forget(person)
            listed = now.get(person)
            known = None if listed is None else _known(listed.person.unit_id, listed.profile)
            if known is not None:
                self._people[person] = known
                for word in set(known.words):
                    insort(self._words.setdefault(known.unit_id, []), (word, person))
                if known.phone:
                    self._phones.setdefault(known.phone, set()).add(person)

    def _forget(self, person: int) -> None:
        known = self._people.pop(person, None)
        if known is None:
            return
        words = self._words[known.unit_id]
        for word in set(known.words):
            del words[bisect_left(words, (word, person))]
        self._phones.get(known.phone, set()).discard(person)

    # --- searching ----------------------------------------------------------------------------------------------------

    def search(self, store: Store, tx: Tx, text: str, unit_ids: Collection[int] | None) -> list[int]:
        """Give the ids of those whom each word of a text fits, by name; of these units and of none, None: of all.

        Raises NotReady when the index is being built for the first time and that takes long.
        """
        self._wait(store, tx)
        parts = sorted(fold(text), key=len, reverse=True)
        if not parts:
            return []
        with self._lock:
            people = self._people
            units = self._words.keys() if unit_ids is None else {*unit_ids, None} & self._words.keys()
            lists = [self._words[unit] for unit in units]
            found = set.intersection(*(_beginning(lists, part) for part in parts))
            if any(part.startswith(other) for part, other in combinations(parts, 2)):  # one word could serve for both
                found = {person for person in found if fits(parts, people[person].words)}
            return sorted(found, key=lambda person: (people[person].words, person))

    def with_phone(self, store: Store, tx: Tx, number: str, unit_ids: Collection[int] | None) -> list[int]:
        """Give the ids of those who have told that number (E.164), of these units and of none. Raises NotReady."""
        self._wait(store, tx)
        with self._lock:
            theirs = self._phones.get(number, set())
            return sorted(
                each for each in theirs if unit_ids is None or self._people[each].unit_id in {*unit_ids, None}
            )

    def _wait(self, store: Store, tx: Tx) -> None:
        if not self._ready.is_set():
            self.start(store)
            if not self._ready.wait(PATIENCE):
                raise NotReady
        self.catch_up(tx, store)


def _beginning(lists: Iterable[list[tuple[str, int]]], part: str) -> set[int]:
    found: set[int] = set()
    for words in lists:
        first, last = bisect_left(words, (part, 0)), bisect_left(words, (part + _AFTER_ALL, 0))
        found.update(map(itemgetter(1), words[first:last]))
    return found


def _known(unit_id: int | None, profile: Mapping[str, Any] | None) -> _Known | None:
    """What is kept of a person; None for one who is hidden, or has told nothing."""
    if not profile:
        return None
    return _Known(unit_id, tuple(fold(str(profile.get("name") or ""))), str(profile.get("phone") or ""))


_OF: Final[WeakKeyDictionary[Store, PeopleIndex]] = WeakKeyDictionary()
_MAKING: Final = threading.Lock()


def index_of(store: Store) -> PeopleIndex:
    """Give the index of a store in this process."""
    with _MAKING:
        return _OF.setdefault(store, PeopleIndex())
