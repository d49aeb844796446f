"""Writing down what came back: many tries in one transaction, and what it says of contacts and channels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from scheduler import notices
from scheduler.flight import Ended
from scheduler.pace import Pacing
from storage import contacts, outbox, outcomes
from storage.db import Tx
from storage.errors import StoreUnavailable

log = structlog.get_logger(__name__)


def settle(
    tx: Tx, pacing: Pacing, now: datetime, lease_now: datetime, ended: Sequence[Ended], careful: bool = True
) -> int:
    """Settle these rows; return how many were no longer ours.

    Raises StoreUnavailable, and nothing else when `careful`; else whatever went wrong, and the transaction is lost.
    """
    lost = _each(tx, now, lease_now, ended) if careful else _all(tx, now, lease_now, ended)
    pacing.learn(tx, lease_now, [each.told for each in ended if each.told is not None])
    sent = sum(each.outcome.state == "accepted" for each in ended)
    log.info("dispatcher.settled", sent=sent, lost=lost)
    return lost


def _each(tx: Tx, now: datetime, lease_now: datetime, ended: Sequence[Ended]) -> int:
    """All at once; one by one where that fails, so that an outcome that cannot be kept costs no other its own."""
    try:
        with tx.savepoint():
            return _all(tx, now, lease_now, ended)
    except StoreUnavailable:
        raise
    except Exception as error:
        if len(ended) == 1:
            # Its lease runs out, and then it is in doubt.
            log.exception("dispatcher.not_settled", outbox=ended[0].outcome.row_id, error=type(error).__name__)
            return 1
    return sum(_each(tx, now, lease_now, [one]) for one in ended)


def _all(tx: Tx, now: datetime, lease_now: datetime, ended: Sequence[Ended]) -> int:
    lost = outcomes.settle(tx, now, lease_now, [each.outcome for each in ended])
    for each in ended:
        if each.outcome.state == "failed" and each.outcome.row_id not in lost:
            row, outcome = each.claimed.row, each.outcome
            mark_contact(tx, now, row.contact_id, outcome.mark, outcome.why or outcome.mark)
            notices.tell(tx, now, "failed", row.participant_id)
    return len(lost)


def mark_contact(tx: Tx, now: datetime, contact_id: int, mark: str, why: str) -> None:
    """Keep what the provider said of a contact: it has opted out there, or nothing reaches it."""
    if mark == "opted_out":
        contacts.opt_out(tx, contact_id, now)
        outbox.cancel(tx, now, "Leverantören säger STOPP.", contact_id=contact_id, care_too=True)
    elif mark:
        contacts.block(tx, contact_id, now, why)
