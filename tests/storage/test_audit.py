from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from storage import audit
from storage.db import Store
from tests.databases import ON_POSTGRES


def test_the_latest_line_stands_first(store: Store, now: datetime) -> None:
    with store.begin() as tx:
        audit.write(tx, now, "staff:17", "participant.show", "participant:812")
        audit.write(tx, now, "cli", "participant.show", "participant:813", "refused")
    with store.read() as tx:
        latest = audit.list_latest(tx)
        assert [(line.actor, line.outcome, line.at) for line in latest] == [
            ("cli", "refused", now),
            ("staff:17", "ok", now),
        ]
        assert audit.list_latest(tx, 1) == latest[:1]
        assert audit.list_latest(tx, object_ref="participant:812") == latest[1:]


@pytest.mark.parametrize(
    "change", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE id > 0"]
)
def test_a_line_is_never_changed_or_removed(store: Store, now: datetime, change: str) -> None:
    with store.begin() as tx:
        audit.write(tx, now, "staff:17", "participant.show", "participant:812")
    with pytest.raises(IntegrityError, match="only ever added to"), store.begin() as tx:
        tx.execute(text(change))
    with store.read() as tx:
        assert [line.actor for line in audit.list_latest(tx)] == ["staff:17"]


@ON_POSTGRES
def test_postgres_refuses_to_empty_it_too(store: Store) -> None:
    with pytest.raises(IntegrityError, match="only ever added to"), store.begin() as tx:
        tx.execute(text("TRUNCATE audit"))
