"""The audit log's upkeep: what waits for its link gets one, and the chain is gone over, a part at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog

from rules import troubles
from scheduler import watch
from storage import audit_chain, audit_check
from storage.audit_check import Checked
from storage.db import Store

log = structlog.get_logger(__name__)

EVERY: Final = timedelta(hours=1)
"""So often does a round of the check begin, and is the end of the chain told to the program's log."""
NEXT_PART: Final = timedelta(seconds=30)
PART: Final = 10_000
"""Links that are gone over at once: about half a second, in a reading that holds nobody up."""
_MOST_AT_ONCE: Final = 5
_A_BATCH: Final = 500


def seal(store: Store) -> int:
    """Link the reads that wait, 500 to a transaction and 2,500 at most; return how many."""
    sealed = 0
    for _ in range(_MOST_AT_ONCE):
        with store.read() as tx:
            if not audit_chain.has_waiting(tx):
                break
        with store.begin() as tx:
            some = audit_chain.seal(tx, _A_BATCH)
        sealed += some
        if some < _A_BATCH:
            break
    return sealed


def check(store: Store, now: datetime) -> Checked | None:
    """Go over the next part of the chain when it is time to; give how it stands, None when it is not time yet.

    A round begins every hour, and then the chain's end is logged: kept outside the database, it shows if the chain has
    been cut since. While something is wrong it is a trouble, as `ingang check` and /metrics tell; it lets nobody down.
    """
    with store.read() as tx:
        before = audit_check.checked(tx)
        wait = NEXT_PART if before.hash else EVERY
        if before.at is not None and before.at <= now < before.at + wait:
            return None
        head = audit_chain.head(tx)
        after = audit_check.check_some(tx, now, PART)
    with store.begin() as tx:
        audit_check.keep(tx, after)
        if after.bad is not None:
            watch.begin(tx, troubles.AUDIT, now, after.bad[0])
        elif after.whole_at == now:
            watch.end(tx, troubles.AUDIT, now)
    if not before.hash:
        log.info("audit.head", head=head.word, count=head.count)
    if after.bad is not None and after.bad != before.bad:
        kind, line, position = after.bad
        log.error("audit.broken", kind=kind, line=line, position=position)
    return after


def sweep(store: Store, now: datetime) -> None:
    """Both."""
    seal(store)
    check(store, now)
