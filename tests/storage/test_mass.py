"""Many rows in one statement: what is stored is what was given, on either database."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import bindparam, select, update

from storage import contacts, outbox
from storage.bulk import Bulk
from storage.db import Store
from storage.outbox import RELEASE, Body, NewMessage, ToMany
from storage.sql import per_dialect
from storage.tables import contacts as ways
from storage.tables import outbox as rows

ALIKE = ToMany("activity/invitation", "Inbjudan.", "bot", datetime.fromisoformat("2026-11-23T09:00+00:00"), None)
LARGE = (1 << 62) + 12_345


def test_what_goes_to_many_is_queued_once_and_holds_nothing_sealed(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        people = [contacts.create(tx, now, "sms", f"+4670174{number:04}") for number in range(3)]
        given = [(who.contact_id, who.participant_id, "sms", f"{RELEASE}7:{who.participant_id}") for who in people]
        assert outbox.queue_many(tx, now, ALIKE, given[:2]) == 2
        assert outbox.queue_many(tx, now, ALIKE, given) == 1, "the others are there"
        assert outbox.queue_many(tx, now, ALIKE, []) == 0
        found = tx.execute(select(rows).order_by(rows.c.id)).all()
    assert [(row.contact_id, row.participant_id, row.channel, row.dedupe_key) for row in found] == given
    assert {(row.kind, row.priority, row.state, row.attempt, row.put_off) for row in found} == {
        ("invitation", 4, "queued", 0, False)
    }
    assert {(row.created_at, row.not_before, row.not_after) for row in found} == {(now, ALIKE.not_before, None)}
    assert {row.facts_enc or row.body_enc for row in found} == {None}
    assert len({row.ref for row in found}) == 3


@pytest.mark.parametrize(
    ("key", "release"), [("sending:812:17", 812), ("turn:812:3", None), ("sendings:1:2", None), ("", None)]
)
def test_a_key_tells_which_release_a_message_belongs_to(key: str, release: int | None) -> None:
    assert outbox.release_of(key) == release


def test_bytes_and_large_numbers_of_many_rows_come_out_as_they_went_in(store: Store, now: datetime) -> None:
    told = Bulk(
        update(rows)
        .where(rows.c.id == bindparam("row"))
        .values(body_enc=bindparam("body", type_=rows.c.body_enc.type), text_version=bindparam("version"))
    )
    bodies = [b"\x00\xff" * 5, b"", None, bytes(range(256)), "åäö'\"?".encode()]
    with store.begin() as tx:
        who = contacts.create(tx, now, "sms", "+46701740605")
        new = [
            NewMessage(who.contact_id, who.participant_id, "sms", "reply", f"n{number}", "Prov.", Body("hej"))
            for number in range(len(bodies))
        ]
        ids = outbox.queue(tx, who.key, now, new)
        told.many(tx, [{"row": row, "body": body, "version": "v?"} for row, body in zip(ids, bodies, strict=True)])
        found = tx.execute(select(rows.c.body_enc, rows.c.text_version).order_by(rows.c.id)).all()
        assert [None if row.body_enc is None else bytes(row.body_enc) for row in found] == bodies
        assert {row.text_version for row in found} == {"v?"}


def test_a_conflict_in_many_leaves_the_row_that_is_there(store: Store, now: datetime) -> None:
    once = per_dialect(ways, lambda made: made.on_conflict_do_nothing())
    names = ("id", "participant_id", "key_id", "channel", "address_hash", "address_enc", "created_at", "verified_at")
    with store.begin() as tx:
        who = contacts.create(tx, now, "sms", "+46701740605")
        row = {
            "id": LARGE, "participant_id": who.participant_id, "key_id": who.key.id, "channel": "sms",
            "address_hash": b"\x01" * 32, "address_enc": b"abc", "created_at": now, "verified_at": None,
        }  # fmt: skip
        bulk = Bulk(once[tx.dialect], names)
        bulk.many(tx, [row, {**row, "id": LARGE + 1, "address_hash": b"\x02" * 32}])
        bulk.many(tx, [{**row, "address_enc": b"other"}])
        found = tx.execute(select(ways).where(ways.c.id >= LARGE).order_by(ways.c.id)).all()
    assert [(row.id, bytes(row.address_hash), bytes(row.address_enc)) for row in found] == [
        (LARGE, b"\x01" * 32, b"abc"), (LARGE + 1, b"\x02" * 32, b"abc"),
    ]  # fmt: skip
