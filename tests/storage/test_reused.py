"""That one test's database is nothing like another's: what is used again has nothing of what was before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import psycopg
import pytest
from sqlalchemy import insert, make_url, select, text

from storage import control
from storage.crypto import KeyRing
from storage.db import Store
from storage.tables import person_keys, receipts
from tests.databases import Server
from tests.reused import Reused


@pytest.fixture
def copies(postgres_server: Server, postgres_template: str) -> Iterator[Reused]:
    made = Reused(postgres_server, postgres_template)
    yield made
    made.drop_all()


def _store(copies: Reused, name: str, key_ring: KeyRing) -> Store:
    return Store.open(copies.server.named(name), key_ring)


def _counted(store: Store, now: datetime) -> int:
    """Write a row that the database numbers, and give its number."""
    with store.begin() as tx:
        row = {"ref": "x", "provider_id": "", "status": "sent", "code": "", "mark": "", "received_at": now}
        tx.execute(insert(receipts), row)
        return int(tx.execute(select(receipts.c.id)).scalar_one())


def test_rows_go_what_was_there_first_comes_back_and_counters_start_over(
    copies: Reused, key_ring: KeyRing, now: datetime
) -> None:
    name = copies.lend()
    store = _store(copies, name, key_ring)
    first = _counted(store, now)
    with store.begin() as tx:
        control.put(tx, "anything", "1")
        own = tx.execute(select(person_keys)).one()
        tx.execute(text("UPDATE person_keys SET wrapped = ''"))
    store.close()
    copies.take_back(name)
    again = copies.lend()
    assert again != name
    store = _store(copies, again, key_ring)
    with store.read() as tx:
        assert control.find(tx, "anything") is None
        assert tx.execute(select(person_keys)).one() == own
        store.check_ready()
    assert _counted(store, now) == first
    store.close()
    copies.take_back(again)
    assert len(copies.ready) == 1


def test_who_still_holds_on_to_it_is_put_out_and_finds_it_no_more(copies: Reused, key_ring: KeyRing) -> None:
    name = copies.lend()
    where = make_url(copies.server.named(name)).set(drivername="postgresql").render_as_string(hide_password=False)
    straggler = psycopg.connect(where)
    straggler.execute("DELETE FROM control")
    copies.take_back(name)
    with pytest.raises(psycopg.OperationalError):
        straggler.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(where)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE control ADD COLUMN more text",
        "DROP INDEX ix_appointments_look",
        "CREATE TABLE left_behind (id int)",
        "DROP TRIGGER audit_no_change ON audit",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_one_with_other_tables_is_dropped(copies: Reused, key_ring: KeyRing, change: str) -> None:
    name = copies.lend()
    where = make_url(copies.server.named(name)).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(where) as conn:
        conn.execute(change.encode())
    copies.take_back(name)
    assert copies.ready == []
