"""Whatever another hand changes in the audit log, takes away, puts in, swaps or cuts is found, and named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from storage import audit_chain, audit_check, control
from storage.audit_check import Fault
from storage.crypto import KeyRing
from storage.db import Store, Tx
from storage.ids import new_id
from tests.storage.chain_hands import (
    CHANGES,
    SHOW,
    TAKE,
    faults,
    ids,
    insert_by_hand,
    run,
    seal,
    tampering,
    verify,
    write,
)

# --- found ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", CHANGES)
@pytest.mark.parametrize("sealed", [True, False])
def test_a_changed_line_is_named(store: Store, now: datetime, which: str, sealed: bool) -> None:
    write(store, now, TAKE, SHOW, SHOW, TAKE)
    if sealed:
        seal(store)
    victim = ids(store)[1]  # a read
    with tampering(store) as tx:
        CHANGES[which](tx, victim)
    assert faults(store) == [("changed" if sealed else "inserted", victim)]


def test_a_moved_time_is_found(store: Store, now: datetime) -> None:
    write(store, now, TAKE, TAKE)
    victim = ids(store)[0]
    with tampering(store) as tx:
        later = now + timedelta(microseconds=1)
        at = later if tx.dialect == "postgresql" else f"{later:%Y-%m-%d %H:%M:%S.%f}"
        tx.execute(text("UPDATE audit SET at = :at WHERE id = :one"), {"at": at, "one": victim})
    assert faults(store) == [("changed", victim)]


def test_a_line_taken_away_is_named(store: Store, now: datetime) -> None:
    write(store, now, TAKE, TAKE, TAKE)
    victim = ids(store)[1]
    with tampering(store) as tx:
        run(tx, "DELETE FROM audit WHERE id = :one", victim)
    assert verify(store).faults == [Fault("missing", victim, 2)]


def test_a_line_taken_away_with_its_link_leaves_a_hole(store: Store, now: datetime) -> None:
    write(store, now, TAKE, TAKE, TAKE)
    victim = ids(store)[1]
    with tampering(store) as tx:
        run(tx, "DELETE FROM audit WHERE id = :one", victim)
        run(tx, "DELETE FROM audit_chain WHERE audit_id = :one", victim)
    assert verify(store).faults == [Fault("missing", None, 2)]


def test_a_waiting_line_taken_away_is_named(store: Store, now: datetime) -> None:
    write(store, now, SHOW)
    victim = ids(store)[0]
    with tampering(store) as tx:
        run(tx, "DELETE FROM audit WHERE id = :one", victim)
    seal(store)
    assert faults(store) == [("missing", victim)]


def test_a_line_that_lost_its_place_in_the_queue_is_named(store: Store, now: datetime) -> None:
    write(store, now, SHOW)
    with store.begin() as tx:
        tx.execute(text("DELETE FROM audit_waiting"))
    assert faults(store) == [("unlinked", ids(store)[0])]


@pytest.mark.parametrize("queued", [True, False])
def test_a_line_put_in_is_named_and_never_sealed(store: Store, now: datetime, queued: bool) -> None:
    write(store, now, TAKE)
    forged = new_id(now)
    with store.begin() as tx:
        insert_by_hand(tx, now, forged)
        if queued:
            run(tx, "INSERT INTO audit_waiting (audit_id) VALUES (:one)", forged)
    assert seal(store) == 0
    assert faults(store) == [("inserted", forged)]


def test_a_copied_line_is_told_from_the_one_that_we_wrote(store: Store, now: datetime) -> None:
    write(store, now, SHOW)
    with store.begin() as tx:
        copied = "SELECT 5, at, actor, action, object_ref, outcome, mark FROM audit"
        tx.execute(text(f"INSERT INTO audit (id, at, actor, action, object_ref, outcome, mark) {copied}"))
        tx.execute(text("INSERT INTO audit_waiting (audit_id) VALUES (5)"))
    seal(store)
    assert faults(store) == [("inserted", 5)]


def test_two_links_that_change_places_are_found(store: Store, now: datetime) -> None:
    write(store, now, TAKE, TAKE, TAKE)
    first, second, _ = ids(store)
    with tampering(store) as tx:
        run(tx, "UPDATE audit_chain SET audit_id = -1 WHERE audit_id = :one", first)
        tx.execute(text("UPDATE audit_chain SET audit_id = :a WHERE audit_id = :b"), {"a": first, "b": second})
        tx.execute(text("UPDATE audit_chain SET audit_id = :b WHERE audit_id = -1"), {"b": second})
    assert [kind for kind, _ in faults(store)] == ["changed", "changed"]


def test_a_tail_cut_without_care_is_found(store: Store, now: datetime) -> None:
    write(store, now, TAKE, TAKE, TAKE)
    last = ids(store)[-1]
    with tampering(store) as tx:
        run(tx, "DELETE FROM audit WHERE id = :one", last)
        run(tx, "DELETE FROM audit_chain WHERE audit_id = :one", last)
    assert verify(store).faults == [Fault("cut", None, 2)]


def test_a_tail_cut_with_care_is_found_by_an_anchor(store: Store, now: datetime) -> None:
    write(store, now, TAKE, TAKE)
    with store.read() as tx:
        earlier, kept = audit_chain.head(tx), control.find(tx, audit_chain.HEAD)
    write(store, now, TAKE)
    with store.read() as tx:
        later = audit_chain.head(tx)
    with tampering(store) as tx:
        run(tx, "DELETE FROM audit_chain WHERE position > :one", 2)
        run(tx, "DELETE FROM audit WHERE id = :one", ids(store)[-1])
        control.put(tx, audit_chain.HEAD, str(kept))
    assert verify(store).whole
    assert verify(store, (earlier.word, earlier.count)).whole
    assert verify(store, (later.word, later.count)).faults == [Fault("cut", None, 2)]
    assert verify(store, (later.word, 2)).faults == [Fault("anchor", None, 2)]


def test_a_chain_begun_anew_by_another_hand_is_found(store: Store, now: datetime) -> None:
    write(store, now, TAKE)
    with tampering(store) as tx:
        tx.execute(text("UPDATE audit_chain SET hash = :h WHERE position = 0"), {"h": b"x" * 32})
    assert verify(store).faults[0].kind == "beginning"


def test_work_goes_on_when_the_row_of_the_head_is_gone(store: Store, now: datetime) -> None:
    write(store, now, TAKE)
    with store.begin() as tx:
        control.clear(tx, audit_chain.HEAD)
    assert verify(store).faults == [Fault("cut", None, 1)]
    write(store, now, TAKE)
    assert (verify(store).links, verify(store).whole) == (2, True)


# --- whatever is done to it -------------------------------------------------------------------------------------------

STEPS = st.lists(st.sampled_from([SHOW, TAKE, "seal"]), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def fresh(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, key_ring: KeyRing) -> Callable[[], Store]:
    folder = tmp_path_factory.mktemp("chain")

    def make() -> Store:
        file = folder / "one.db"
        for suffix in ("", "-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(sqlite_template, file)
        return Store.open(f"sqlite:///{file}", key_ring)

    return make


def _do(store: Store, steps: list[str]) -> None:
    now = datetime.fromisoformat("2026-11-23T08:30:00+00:00")
    for number, step in enumerate(steps):
        if step == "seal":
            seal(store)
        else:
            write(store, now + timedelta(seconds=number), step)


@given(steps=STEPS)
def test_an_untouched_log_is_whole(fresh: Callable[[], Store], steps: list[str]) -> None:
    store = fresh()
    _do(store, steps)
    found = verify(store)
    store.close()
    assert found.whole
    assert found.links + found.waiting == sum(step != "seal" for step in steps)


@given(steps=STEPS, data=st.data())
def test_whatever_is_done_to_a_line_is_found_and_named(
    fresh: Callable[[], Store], steps: list[str], data: st.DataObject
) -> None:
    store = fresh()
    _do(store, [*steps, TAKE])
    known = ids(store)
    one = data.draw(st.sampled_from(known))
    deed = data.draw(st.sampled_from([*CHANGES, "delete", "swap"]))
    with tampering(store) as tx:
        if deed == "delete":
            run(tx, "DELETE FROM audit WHERE id = :one", one)
        elif deed == "swap":
            _swap(tx, one, known[known.index(one) - 1])
        else:
            CHANGES[deed](tx, one)
    seal(store)
    told = verify(store).faults
    same = deed == "swap" and len(known) == 1
    store.close()
    assert same or told
    assert same or one in {fault.line for fault in told}


def _swap(tx: Tx, one: int, other: int) -> None:
    for a, b in ((one, -1), (other, one), (-1, other)):
        tx.execute(text("UPDATE audit SET id = :b WHERE id = :a"), {"a": a, "b": b})


# --- a little at a time -----------------------------------------------------------------------------------------------


def some(store: Store, now: datetime, limit: int) -> audit_check.Checked:
    with store.read() as tx:
        state = audit_check.check_some(tx, now, limit)
    with store.begin() as tx:
        audit_check.keep(tx, state)
        assert audit_check.checked(tx) == state
    return state


def test_the_check_goes_round_a_part_at_a_time(store: Store, now: datetime) -> None:
    write(store, now, *[TAKE] * 5)
    first = some(store, now, 3)
    assert (first.position, first.whole_at, first.bad) == (3, None, None)
    second = some(store, now + timedelta(hours=1), 3)
    assert (second.position, second.whole_at, second.bad) == (0, now + timedelta(hours=1), None)
    with tampering(store) as tx:
        CHANGES["actor"](tx, ids(store)[4])
    assert some(store, now + timedelta(hours=2), 3).bad is None
    third = some(store, now + timedelta(hours=3), 3)
    assert third.bad == ("changed", ids(store)[4], 5)
    assert third.whole_at == now + timedelta(hours=1)
    assert some(store, now + timedelta(hours=4), 3).bad == third.bad


def test_what_the_check_has_come_to_cannot_be_written_by_another_hand(store: Store, now: datetime) -> None:
    write(store, now, TAKE)
    state = some(store, now, 10)
    with store.begin() as tx:
        kept = str(control.find(tx, audit_check.CHECKED))
        control.put(tx, audit_check.CHECKED, kept.replace("2026", "2027"))
        assert audit_check.checked(tx) == audit_check.Checked()
    assert state.whole_at == now
