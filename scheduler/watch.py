"""Watches over the running: is anything stuck, silent or refused? Told once, and once more when it is mended.

What is wrong comes from two sides: from the store (what is due and does not leave, heartbeats that do not come), and
from what the process has seen itself (`Board`: a provider that refuses us, an account without money). Each trouble is a
line in the log at level error, a number in /metrics, a word in /readyz and `ingang check`, and an item in the staff's
inbox where people are let down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

import structlog

from rules import troubles as rules
from rules.troubles import Waiting
from storage import control, figures, inbox, troubles
from storage.db import Store, Tx

log = structlog.get_logger(__name__)

NOTES = {
    rules.LATE: "Meddelanden som skulle ha gått ut ligger kvar.",
    rules.SECOND_POLLER: "Meddelanden på Telegram kommer inte in: ett annat program läser dem.",
    rules.WEBHOOK: "Meddelanden på Telegram kommer inte in: Telegram vet inte vart de ska.",
    rules.TOKEN: "Leverantören tar inte emot det vi skickar.",
    rules.EMPTY: "Pengarna hos leverantören är slut, så inget går ut.",
    rules.CLOSED: "Kontot hos leverantören är stängt, så inget går ut.",
    rules.SILENT: "En del av programmet står stilla.",
}
CHANNELS = {"sms": "SMS: ", "telegram": "Telegram: "}
ADVICE = "Säg till den som sköter driften, och ring dem som behöver svar i dag. Inget är borta: det går ut efteråt."


@dataclass
class Board:
    """What this process has seen for itself since the last look: trouble -> a word about it, or None where it was well.

    It is emptied by the look: another process may know better since.
    """

    _seen: dict[str, str | None] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def bad(self, trouble: str, detail: str = "") -> None:
        """It is so."""
        with self._lock:
            self._seen[trouble] = detail

    def good(self, trouble: str) -> None:
        """It is not so, or no longer."""
        with self._lock:
            self._seen[trouble] = None

    def tell(self, found: Mapping[str, bool], detail: str = "") -> None:
        """Take several at once: trouble -> whether it is so."""
        for trouble, is_so in found.items():
            self.bad(trouble, detail) if is_so else self.good(trouble)

    def take(self) -> dict[str, str | None]:
        """Give what has been seen, the latest word about each, and forget it."""
        with self._lock:
            seen, self._seen = self._seen, {}
        return seen

    def give_back(self, seen: Mapping[str, str | None]) -> None:
        """It could not be written down: keep it, where nothing newer has been seen."""
        with self._lock:
            self._seen = {**seen, **self._seen}


@dataclass
class Watch:
    """Looks at everything now and then. `now` is business time; what must last is measured in lease time."""

    store: Store
    now: Callable[[], datetime]
    lease_now: Callable[[], datetime]
    board: Board
    expected: Mapping[str, timedelta]  # component -> how old its heartbeat may be
    _late_since: datetime | None = None
    _began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.lease_now()

    def look(self) -> None:
        """Look once: note and tell what has begun, and what is over. Raises StoreUnavailable."""
        own = self.board.take()
        try:
            self._look(own)
        except BaseException:
            self.board.give_back(own)
            raise

    def _look(self, own: Mapping[str, str | None]) -> None:
        with self.store.read() as tx:
            known = {each.name for each in troubles.list_all(tx)}
            seen = {**self._stuck(tx, rules.LATE in known), **self._silent(tx), **own}
        begun = {name: detail for name, detail in seen.items() if detail is not None and name not in known}
        over = [name for name, detail in seen.items() if detail is None and name in known]
        # What is no longer watched here (a channel that is off, a part that does not run) has no one to end it.
        over += [name for name in known if name.startswith(rules.SILENT) and name not in seen]
        if not begun and not over:
            return
        with self.store.begin() as tx:
            now = self.now()
            told = [name for name, detail in begun.items() if begin(tx, name, now, detail or "")]
            ended = [name for name in over if end(tx, name, now)]
        for name in told:
            log.error("trouble.began", trouble=name, lets_down=rules.lets_people_down(name))
        for name in ended:
            log.warning("trouble.ended", trouble=name)

    def _stuck(self, tx: Tx, known: bool) -> dict[str, str | None]:
        held = control.find(tx, control.SENDING_HOLD)
        found = figures.look(tx, self.now())
        waiting = Waiting(found.oldest_reply or timedelta(), found.oldest_other or timedelta())
        if held is not None or not rules.is_late(waiting, told=known):
            self._late_since = None
            return {rules.LATE: None, rules.HELD: held}
        self._late_since = self._late_since or self.lease_now()
        if not known and self.lease_now() - self._late_since < rules.LASTS:
            return {rules.HELD: None}
        return {rules.LATE: f"{found.due}", rules.HELD: None}

    def _silent(self, tx: Tx) -> dict[str, str | None]:
        """A component that has not been heard of since this process began gets as long as any other."""
        beats, now = control.beats(tx), self.lease_now()
        silent: dict[str, str | None] = {}
        for name, longest in self.expected.items():
            latest = max(beats.get(name, self._began), self._began)
            silent[rules.SILENT + name] = "" if now - latest > longest else None
        return silent


def begin(tx: Tx, name: str, now: datetime, detail: str = "") -> bool:
    """Note a trouble, and put it before staff where people are let down; False when it was known."""
    if not troubles.begin(tx, name, now, detail):
        return False
    if rules.lets_people_down(name):
        item, _ = inbox.open_item(tx, now, "outage", inbox.URGENCY["outage"], None, None, None, note(name))
        troubles.tie(tx, troubles.Trouble(name, now, detail), item)
    return True


def end(tx: Tx, name: str, now: datetime) -> bool:
    """It is mended: the item closes itself. False when another has said so before."""
    gone = troubles.end(tx, name)
    if gone is not None and gone.item is not None:
        inbox.close(tx, gone.item, "mended", None, now)
    return gone is not None


def note(name: str) -> str:
    """Give what staff read about a trouble."""
    channel, _, what = name.partition(".")
    words = NOTES.get(name) or NOTES.get(f"{channel}.") or NOTES.get(f".{what}", "")
    return f"{CHANNELS.get(channel, '')}{words} {ADVICE}"
