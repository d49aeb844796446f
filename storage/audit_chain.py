"""The chain of the audit log: each line's link holds a hash over the link before and the line itself.

    hash(n) = HMAC-SHA256(audit key, hash(n-1) | n | mark | line)          the key is in no database: storage/keys.py

A change gets its link in its own transaction, as the last thing before the commit. A read, and what the bot does of
itself, waits in `audit_waiting` for `seal`, which a sweep calls every few seconds. Where the chain ends is a row of
`control`; on PostgreSQL that row is the lock that writers take one after the other. Whether all is as it was written
is asked in storage/audit_check.py.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from storage import control
from storage import tables as _tables
from storage.audit_line import Entry, told, written_by_us
from storage.errors import StoreError
from storage.hot import Hot
from storage.tables_audit import audit_chain, audit_waiting

if TYPE_CHECKING:
    from storage.db import Tx

HEAD: Final = "audit.head"  # control: where the chain ends, as `Head.dump` writes it
_AT_ONCE: Final = 500
_BEGINNING: Final = b"the beginning of the chain"

_audit = _tables.audit.c
LINE: Final = (_audit.id, _audit.at, _audit.actor, _audit.action, _audit.object_ref, _audit.outcome, _audit.mark)

_THE_HEAD: Final = Hot(
    select(_tables.control.c.value).where(_tables.control.c.name == bindparam("name")).with_for_update()
)
_MOVE_HEAD: Final = Hot(
    update(_tables.control).where(_tables.control.c.name == bindparam("which")).values(value=bindparam("head"))
)
_ONE_LINE: Final = Hot(select(*LINE).where(_audit.id == bindparam("id")))
_ONE_LINK: Final = Hot(insert(audit_chain), ("position", "audit_id", "hash"))
_FEW: Final = 4
_LINES: Final = select(*LINE).where(_audit.id.in_(bindparam("ids", expanding=True))).order_by(_audit.id)
_LINKED: Final = select(audit_chain.c.audit_id).where(audit_chain.c.audit_id.in_(bindparam("ids", expanding=True)))
_LINK: Final = insert(audit_chain)
_WAITING: Final = select(audit_waiting.c.audit_id).order_by(audit_waiting.c.audit_id).limit(bindparam("limit"))
_NO_LONGER: Final = delete(audit_waiting).where(audit_waiting.c.audit_id.in_(bindparam("ids", expanding=True)))
_END: Final = select(audit_chain.c.position, audit_chain.c.hash).order_by(audit_chain.c.position.desc()).limit(1)
_LETTERS: Final = bytes.maketrans(b"0123456789abcdef", b"abcdefghijklmnop")
_SHOWN: Final = 16
"""So many bytes of a hash are written down outside: 128 bits, which nobody finds another chain for."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: how many links it has beside its beginning, and the last one's hash."""

    count: int
    hash: bytes

    @property
    def word(self) -> str:
        """The hash as it is written down outside: 32 letters, so that no log takes it for a number or a key."""
        return in_letters(self.hash)

    def dump(self) -> str:
        """As `control` keeps it."""
        return f"{self.count}:{self.hash.hex()}"

    @classmethod
    def load(cls, text: str | None) -> Head | None:
        """Read what `dump` wrote; None for nothing, or for what is none."""
        count, _, shown = (text or "").partition(":")
        try:
            return cls(int(count), bytes.fromhex(shown)) if shown else None
        except ValueError:
            return None


def in_letters(digest: bytes) -> str:
    """Write the first half of a hash in letters only."""
    return digest[:_SHOWN].hex().encode().translate(_LETTERS).decode()


# --- one link -----------------------------------------------------------------------------------------------------


def first_hash(tx: Tx) -> bytes:
    """Give the hash that every chain of this installation begins with."""
    return tx.vault.audit_mark(_BEGINNING)


def link_hash(tx: Tx, before: bytes, position: int, mark: bytes | None, line: Entry) -> bytes:
    """Give the hash of one link."""
    return tx.vault.audit_mark(b"link|%s|%d|%s|%s" % (before.hex().encode(), position, mark or b"", told(line)))


def is_ours(tx: Tx, line: Entry, mark: bytes | None) -> bool:
    """Tell whether a line was written by this installation: who wrote it had the keys."""
    return mark is not None and hmac.compare_digest(mark, tx.vault.audit_mark(written_by_us(line)))


def of_row(row: Sequence[Any]) -> tuple[Entry, bytes | None]:
    """Give the line, and its mark, of a row whose first columns are LINE."""
    mark = row[6]
    return Entry(row[0], row[1], row[2], row[3], row[4], row[5]), None if mark is None else bytes(mark)


# --- more links -----------------------------------------------------------------------------------------------------


def begin(tx: Tx) -> None:
    """Begin the chain where there is none yet, with every line from before there was one as its first links."""
    if control.find(tx, HEAD) is not None or tx.execute(_END).first() is not None:
        return
    head = Head(0, first_hash(tx))
    tx.execute(_LINK, {"position": 0, "audit_id": 0, "hash": head.hash})
    after = 0
    while rows := tx.execute(select(*LINE).where(_audit.id > after).order_by(_audit.id).limit(_AT_ONCE)).all():
        head = _add(tx, head, (of_row(row) for row in rows))
        after = rows[-1].id
    control.put(tx, HEAD, head.dump())


def link(tx: Tx, ids: Iterable[int]) -> None:
    """Give the lines of these ids their links, in the order of the ids. One that was taken back has none."""
    head, wanted = _take_head(tx), sorted(ids)
    if len(wanted) <= _FEW:
        found = (_ONE_LINE.first(tx, {"id": each}) for each in wanted)
        _move_head(tx, _add(tx, head, (of_row(row) for row in found if row is not None)))
        return
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        head = _add(tx, head, map(of_row, tx.execute(_LINES, {"ids": some}).all()))
    _move_head(tx, head)


def seal(tx: Tx, limit: int = _AT_ONCE) -> int:
    """Give those lines their links that wait for one, at most `limit`, the oldest first; return how many.

    One without our mark is never taken in: the check of the chain tells of it.
    """
    head = _take_head(tx)
    ids = [row.audit_id for row in tx.execute(_WAITING, {"limit": limit})]
    if not ids:
        return 0
    known = {row.audit_id for row in tx.execute(_LINKED, {"ids": ids})}
    found = [of_row(row) for row in tx.execute(_LINES, {"ids": ids})]
    ours = [(line, mark) for line, mark in found if line.id not in known and is_ours(tx, line, mark)]
    _move_head(tx, _add(tx, head, ours))
    gone = set(ids) - {line.id for line, _ in found}  # these stay, so that the check names them
    tx.execute(_NO_LONGER, {"ids": sorted(set(ids) - gone) or [0]})
    return len(ours)


def has_waiting(tx: Tx) -> bool:
    """Tell whether any line waits for its link."""
    return tx.execute(_WAITING, {"limit": 1}).first() is not None


def head(tx: Tx) -> Head:
    """Give where the chain ends. Raises StoreError where there is no chain."""
    found = Head.load(control.find(tx, HEAD)) or _last(tx)
    if found is None:
        raise StoreError("the audit log has no chain", "run: ingang db upgrade")
    return found


def _take_head(tx: Tx) -> Head:
    """Give where the chain ends, and keep it from others until the commit."""
    row = _THE_HEAD.first(tx, {"name": HEAD})
    kept = None if row is None else Head.load(row.value)
    found = kept or _last(tx)  # the row was taken away: the check of the chain tells, and work goes on
    if found is None:
        raise StoreError("the audit log has no chain", "run: ingang db upgrade")
    return found


def _move_head(tx: Tx, head: Head) -> None:
    if not _MOVE_HEAD.run(tx, {"which": HEAD, "head": head.dump()}):
        control.put(tx, HEAD, head.dump())


def _last(tx: Tx) -> Head | None:
    row = tx.execute(_END).first()
    return None if row is None else Head(row.position, bytes(row.hash))


def _add(tx: Tx, head: Head, lines: Iterable[tuple[Entry, bytes | None]]) -> Head:
    links: list[dict[str, Any]] = []
    for line, mark in lines:
        position = head.count + 1
        head = Head(position, link_hash(tx, head.hash, position, mark, line))
        links.append({"position": position, "audit_id": line.id, "hash": head.hash})
    if len(links) <= _FEW:
        for each in links:
            _ONE_LINK.run(tx, each)
    else:
        tx.execute(_LINK, links)
    return head


def links_after(tx: Tx, position: int, limit: int) -> Iterator[Any]:
    """Give links in order, from the one after `position`: position, audit_id, hash, then LINE (empty: no such line)."""
    both = audit_chain.outerjoin(_tables.audit, _audit.id == audit_chain.c.audit_id)
    wanted = select(audit_chain.c.position, audit_chain.c.audit_id, audit_chain.c.hash, *LINE).select_from(both)
    yield from tx.execute(wanted.where(audit_chain.c.position > position).order_by(audit_chain.c.position).limit(limit))
