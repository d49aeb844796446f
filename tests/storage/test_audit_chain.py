"""The chain of the audit log: every change is linked with its commit, a read a moment later, whoever writes beside."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from storage import audit, audit_chain, control
from storage.crypto import KeyRing
from storage.db import Store
from storage.errors import StoreError
from tests.storage.chain_hands import (
    SHOW,
    TAKE,
    faults,
    ids,
    insert_by_hand,
    seal,
    tampering,
    verify,
    write,
)

# --- written ----------------------------------------------------------------------------------------------------------


def test_a_change_is_linked_with_its_commit(store: Store, now: datetime) -> None:
    write(store, now, TAKE)
    found = verify(store)
    assert (found.links, found.waiting, found.faults) == (1, 0, [])
    assert found.head is not None
    with store.read() as tx:
        assert audit_chain.head(tx) == found.head


def test_a_read_waits_and_is_sealed(store: Store, now: datetime) -> None:
    write(store, now, SHOW, SHOW)
    assert (verify(store).links, verify(store).waiting) == (0, 2)
    assert seal(store) == 2
    assert seal(store) == 0
    found = verify(store)
    assert (found.links, found.waiting, found.whole) == (2, 0, True)


def test_what_the_bot_does_waits_as_a_read_does(store: Store, now: datetime) -> None:
    write(store, now, "participant.join", actor="bot")
    assert verify(store).waiting == 1


def test_an_unknown_action_is_taken_for_a_change(store: Store, now: datetime) -> None:
    write(store, now, "something.new")
    assert (verify(store).links, verify(store).waiting) == (1, 0)


def test_many_are_sealed_a_part_at_a_time_the_oldest_first(store: Store, now: datetime) -> None:
    write(store, now, *[SHOW] * 5)
    with store.begin() as tx:
        assert audit_chain.seal(tx, limit=3) == 3
        assert audit_chain.has_waiting(tx)
    with store.read() as tx:
        linked = [row.audit_id for row in audit_chain.links_after(tx, 0, 10)]
    assert linked == ids(store)[:3]


def test_what_a_savepoint_took_back_is_in_no_chain(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        audit.write(tx, now, "staff:17", TAKE, "inbox:1")
        with suppress(ZeroDivisionError), tx.savepoint():
            audit.write(tx, now, "staff:17", TAKE, "inbox:2")
            audit.write(tx, now, "staff:17", SHOW, "participant:2")
            raise ZeroDivisionError
        audit.write(tx, now, "staff:17", TAKE, "inbox:3")
    assert seal(store) == 0
    found = verify(store)
    assert (found.links, found.whole) == (2, True)


def test_a_deed_that_is_rolled_back_leaves_no_line(store: Store, now: datetime) -> None:
    with suppress(ZeroDivisionError), store.begin() as tx:
        audit.write(tx, now, "staff:17", TAKE, "inbox:1")
        raise ZeroDivisionError
    assert (verify(store).links, verify(store).whole) == (0, True)


def test_a_deed_whose_link_cannot_be_written_is_not_done(store: Store, now: datetime) -> None:
    with tampering(store) as tx:
        tx.execute(text("DELETE FROM audit_chain"))
        control.clear(tx, audit_chain.HEAD)
    with pytest.raises(StoreError, match="no chain"):
        write(store, now, TAKE)
    assert ids(store) == []


@pytest.mark.parametrize("change", ["UPDATE audit_chain SET audit_id = 7", "DELETE FROM audit_chain"])
def test_the_database_refuses_to_change_the_chain(store: Store, now: datetime, change: str) -> None:
    write(store, now, TAKE)
    with pytest.raises(IntegrityError, match="only ever added to"), store.begin() as tx:
        tx.execute(text(change))


def test_the_key_stays_when_another_is_rotated_in(store: Store, now: datetime, key_ring: KeyRing) -> None:
    write(store, now, TAKE)
    store.use_keys(key_ring.rotated(now.date()))
    write(store, now, TAKE)
    assert verify(store).whole
    store.use_keys(KeyRing.new())
    assert not verify(store).whole


# --- an installed base, and a backup ----------------------------------------------------------------------------------


def test_lines_from_before_the_chain_become_its_first_links(store: Store, now: datetime) -> None:
    with tampering(store) as tx:
        tx.execute(text("DELETE FROM audit_chain"))
        control.clear(tx, audit_chain.HEAD)
        for number in range(1, 1203):
            tx.execute(
                text("INSERT INTO audit (id, at, actor, action, object_ref) VALUES (:n, :at, 'cli', 'x', 'y')"),
                {"n": number, "at": now if tx.dialect == "postgresql" else "2026-11-23 08:30:00.000000"},
            )
    with store.begin() as tx:
        audit_chain.begin(tx)
        audit_chain.begin(tx)
    assert (verify(store).links, verify(store).whole) == (1202, True)
    write(store, now, TAKE)
    with tampering(store) as tx:
        tx.execute(text("UPDATE audit SET actor = 'somebody' WHERE id = 700"))
    assert faults(store) == [("changed", 700)]


def test_upgrading_again_takes_nothing_in_that_is_not_ours(store: Store, now: datetime) -> None:
    with tampering(store) as tx:
        insert_by_hand(tx, now, 55)
    store.upgrade()
    assert seal(store) == 0
    assert faults(store) == [("inserted", 55)]


# --- many at once -----------------------------------------------------------------------------------------------------


def test_writers_at_the_same_time_make_one_chain(store: Store, now: datetime) -> None:
    def work(number: int) -> None:
        for turn in range(12):
            write(store, now, SHOW if turn % 3 else TAKE, actor=f"staff:{number}")
            if turn % 5 == 0:
                seal(store)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    seal(store)
    found = verify(store)
    assert (found.links, found.waiting, found.faults) == (72, 0, [])


def test_two_who_want_the_same_row_do_not_wait_for_each_other(store: Store, now: datetime) -> None:
    """The link is the last thing before the commit: else one would hold the chain's end, and the other the row."""
    with store.begin() as tx:
        control.put(tx, "shared", "0")

    def work(write_first: bool) -> None:
        for turn in range(20):
            with store.begin() as tx:
                if write_first:
                    audit.write(tx, now, "staff:1", TAKE, "inbox:1")
                control.put(tx, "shared", str(turn))
                if not write_first:
                    audit.write(tx, now, "staff:2", TAKE, "inbox:1")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, (True, False, True, False)))
    assert (verify(store).links, verify(store).whole) == (80, True)
