"""Statements that run straight on the driver: the same values, rows, lists and errors as by way of SQLAlchemy."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    Date,
    Enum,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Time,
    bindparam,
    event,
    insert,
    not_,
    select,
    text,
    update,
)
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import control
from storage.bulk import Bulk
from storage.columns import UtcDateTime
from storage.db import Store, Tx
from storage.errors import StoreUnavailable
from storage.hot import Hot
from storage.mass import Mass
from storage.tables import control as stored
from tests.databases import ON_POSTGRES


class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"


KINDS = Table(
    "kinds_of_values",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("big", BigInteger),
    Column("at", UtcDateTime),
    Column("day", Date),
    Column("hour", Time),
    Column("words", String),
    Column("sealed", LargeBinary),
    Column("is_so", Boolean),
    Column("price", Numeric(10, 2)),
    Column("share", Float),
    Column("tree", JSON),
    Column("colour", Enum(Colour, native_enum=False)),
)
HERE = KINDS.c
FULL: dict[str, Any] = {
    "id": 1, "big": 2**62, "at": datetime(2026, 11, 23, 9, 0, 0, 7, tzinfo=UTC), "day": date(2026, 11, 23),
    "hour": time(9, 30), "words": "100 % 'så' \"här\" %s {}", "sealed": bytes(range(256)), "is_so": True,
    "price": Decimal("12.50"), "share": 0.1, "tree": {"a": [1, None, "å"]}, "colour": Colour.BLUE,
}  # fmt: skip
EMPTY: dict[str, Any] = {**dict.fromkeys(FULL), "id": 2, "tree": {}}
ADD = Hot(insert(KINDS), tuple(FULL))
ALL = Hot(select(KINDS).order_by(HERE.id))


class Undone(Exception):
    """Leaves a transaction that is not to be kept."""


@contextmanager
def made(store: Store) -> Iterator[Tx]:
    """Give a transaction with the table of all kinds in it, and take both back."""
    with suppress(Undone), store.begin() as tx:
        KINDS.create(tx.conn)
        yield tx
        raise Undone


@pytest.mark.parametrize("times", [1, 8])  # psycopg prepares a statement that has come five times
def test_every_kind_of_value_goes_in_and_comes_out_the_same(store: Store, times: int) -> None:
    with made(store) as tx:
        for n in range(times):
            assert ADD.run(tx, {**FULL, "id": 10 + n}) == 1
            assert ADD.run(tx, {**EMPTY, "id": 100 + n}) == 1
        usual = tx.execute(select(KINDS).order_by(HERE.id)).all()
        quick = ALL.all(tx)
        assert [tuple(row) for row in quick] == [tuple(row) for row in usual]
        assert [[type(value) for value in row] for row in quick] == [[type(value) for value in row] for row in usual]
        assert (quick[0]._asdict(), quick[-1].big) == ({**FULL, "id": 10}, None)
        assert quick[0].at.tzinfo is UTC


def test_a_time_from_another_zone_is_the_same_moment_and_one_without_a_zone_is_refused(store: Store) -> None:
    at: datetime = FULL["at"]
    with made(store) as tx:
        ADD.run(tx, {**FULL, "at": at.astimezone(ZoneInfo("Europe/Stockholm"))})
        assert ALL.first(tx, {}).at == at
        with pytest.raises(ValueError, match="without a zone"):
            ADD.run(tx, {**FULL, "id": 2, "at": at.replace(tzinfo=None)})


def test_percent_signs_stand_for_themselves(store: Store) -> None:
    said = select(HERE.id, (HERE.id % 4).label("rest")).where(
        text("words LIKE '100 \\%%' ESCAPE '\\'"), HERE.words.startswith(bindparam("first")), HERE.words != "%s"
    )
    with made(store) as tx:
        ADD.run(tx, {**FULL, "id": 7})
        ADD.run(tx, {**FULL, "id": 8, "words": "100 procent"})
        assert Hot(said).all(tx, {"first": "100 %"}) == [(7, 3)]


def test_lists_may_be_of_words_stand_in_the_statement_and_be_those_left_out(store: Store) -> None:
    numbers: BindParameter[Any] = bindparam("numbers", expanding=True)
    asked = select(HERE.id).order_by(HERE.id)
    among, but = Hot(asked.where(HERE.id.in_(numbers))), Hot(asked.where(not_(HERE.id.in_(numbers))))
    words = Hot(asked.where(HERE.words.in_(("a", 'it\'s "b", {}')), HERE.id.in_(numbers)))
    with made(store) as tx:
        for n, word in enumerate(("a", 'it\'s "b", {}', "c")):
            ADD.run(tx, {**FULL, "id": n, "words": word})
        assert [row.id for row in among.all(tx, {"numbers": (0, 2, 99)})] == [0, 2]
        assert [row.id for row in but.all(tx, {"numbers": [0, 2, 99]})] == [1]
        assert [row.id for row in words.all(tx, {"numbers": [1, 2]})] == [1]
        assert [row.id for row in among.all(tx, {"numbers": []})] == []
        assert [row.id for row in but.all(tx, {"numbers": []})] == [0, 1, 2]


def test_it_tells_how_many_rows_were_changed(store: Store) -> None:
    change = Hot(update(KINDS).where(HERE.id < bindparam("below")).values(words=bindparam("said", type_=String)))
    with made(store) as tx:
        for n in range(3):
            ADD.run(tx, {**FULL, "id": n})
        assert [change.run(tx, {"below": n, "said": "%"}) for n in (0, 2, 9)] == [0, 2, 3]


def test_nothing_of_it_goes_by_way_of_sqlalchemy(store: Store) -> None:
    seen: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    with made(store) as tx:
        event.listen(Engine, "before_cursor_execute", note)
        try:
            ADD.run(tx, FULL)
            assert ALL.first(tx, {}).id == 1
        finally:
            event.remove(Engine, "before_cursor_execute", note)
    assert seen == []


# --- when a statement fails -------------------------------------------------------------------------------------------


PUT = Hot(insert(stored), ("name", "value"))
PUT_MANY = Bulk(insert(stored), ("name", "value"))
PUT_VERY_MANY = Mass(stored, ("name",), ("value",))
TWICE = {"name": "a", "value": "+46701740605"}
NOWHERE = select(stored.c.name).where(text("nothing = 0"))
ROADS: list[tuple[Callable[[Tx], Any], Callable[[Tx], Any]]] = [  # the plain one, and ours
    (lambda tx: tx.execute(insert(stored), TWICE), lambda tx: PUT.run(tx, TWICE)),
    (lambda tx: tx.execute(insert(stored), [TWICE]), lambda tx: PUT_MANY.many(tx, [TWICE])),
    (lambda tx: tx.execute(insert(stored), [TWICE]), lambda tx: PUT_VERY_MANY.add(tx, [("a",)], TWICE)),
    (lambda tx: tx.execute(NOWHERE).all(), lambda tx: Hot(NOWHERE).all(tx)),
    (lambda tx: tx.execute(NOWHERE).all(), lambda tx: Bulk(NOWHERE).all(tx)),
]
WRONG = [(ours, kind) for (_, ours), kind in zip(ROADS, [IntegrityError] * 3 + [DBAPIError] * 2, strict=True)]
NAMES = ["twice", "twice-many", "twice-mass", "unknown", "unknown-many"]


@pytest.mark.parametrize(("act", "kind"), WRONG, ids=NAMES)
def test_a_failed_statement_raises_what_sqlalchemy_does_and_shows_no_value(
    store: Store, act: Callable[[Tx], Any], kind: type[Exception]
) -> None:
    def fail() -> None:
        with store.begin() as tx:
            PUT.run(tx, TWICE)
            act(tx)

    with pytest.raises(kind) as told:
        fail()
    assert not isinstance(told.value, StoreUnavailable)
    assert TWICE["value"] not in str(told.value)
    with store.begin() as tx:
        assert control.find(tx, "a") is None
        assert PUT.run(tx, TWICE) == 1


@pytest.mark.parametrize(("plain", "ours"), ROADS, ids=NAMES)
@pytest.mark.parametrize("broken", [False, True], ids=["wrong", "cut off"])
def test_a_fault_is_the_same_on_the_plain_road_and_on_ours(
    store: Store, plain: Callable[[Tx], Any], ours: Callable[[Tx], Any], broken: bool
) -> None:
    def fault_of(act: Callable[[Tx], Any]) -> tuple[type[Exception], object, object]:
        with suppress(Exception), store.begin() as tx:  # to end a connection that broke is a fault of its own
            PUT.run(tx, TWICE)
            if broken:
                driver: Any = tx.conn.connection.dbapi_connection
                driver.close()
            with pytest.raises((DBAPIError, StoreUnavailable)) as told:
                act(tx)
            given_up = tx.conn.invalidated
            raise Undone
        assert given_up == broken, "the pool knows whether it may be used again"
        with store.begin() as tx:
            assert control.find(tx, "a") is None, "nothing of it was kept, and there is a connection that works"
        return told.type, type(getattr(told.value, "orig", None)), getattr(told.value, "why", None)

    assert fault_of(ours) == fault_of(plain)


def test_a_failed_statement_stays_in_its_savepoint(store: Store) -> None:
    with store.begin() as tx:
        PUT.run(tx, TWICE)
        with pytest.raises(IntegrityError), tx.savepoint():
            PUT.run(tx, TWICE)
        PUT.run(tx, {"name": "b", "value": "1"})
    with store.read() as tx:
        assert (control.find(tx, "a"), control.find(tx, "b")) == (TWICE["value"], "1")


def test_a_reader_cannot_write_and_reads_on_in_the_next_transaction(store: Store) -> None:
    with pytest.raises(StoreUnavailable) as told, store.read() as tx:
        PUT.run(tx, TWICE)
    assert told.value.why == "read_only"
    with store.read() as tx:
        assert control.find(tx, "a") is None


@ON_POSTGRES
@pytest.mark.parametrize("way", ["read", "begin"])
def test_a_statement_that_comes_often_is_prepared_over_transactions(store: Store, way: str) -> None:
    one = Hot(select(stored.c.value).where(stored.c.name == bindparam("name")))
    prepared = text(
        "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE '%control.va%'"
    )
    for _ in range(9):  # psycopg prepares what has come five times, and forgets all at a rollback
        with getattr(store, way)() as tx:
            assert one.first(tx, {"name": "a"}) is None
    with getattr(store, way)() as tx:
        assert tx.execute(prepared).scalar_one() > 2


@ON_POSTGRES
def test_a_wait_for_another_writer_that_is_too_long_is_told_as_such(store: Store) -> None:
    change = Hot(update(stored).where(stored.c.name == bindparam("which")).values(value=bindparam("new")))
    with store.begin() as tx:
        PUT.run(tx, TWICE)
    with store.begin() as first:
        change.run(first, {"which": "a", "new": "1"})
        with store.begin() as second:
            second.execute(text("SET LOCAL lock_timeout = '20ms'"))
            with pytest.raises(StoreUnavailable) as told, second.savepoint():
                change.run(second, {"which": "a", "new": "2"})
    assert (told.value.why, told.value.fatal) == ("locked", False)
    with store.read() as tx:
        assert control.find(tx, "a") == "1"


ONE = Hot(select(stored.c.value).where(stored.c.name == bindparam("name")))
MANY = Bulk(update(stored).where(stored.c.name == bindparam("which")).values(value=bindparam("new", type_=String)))


@ON_POSTGRES
@pytest.mark.parametrize(
    ("way", "ask"),
    [
        ("read", lambda tx: ONE.first(tx, {"name": "a"})),
        ("begin", lambda tx: ONE.first(tx, {"name": "a"})),
        ("begin", lambda tx: MANY.many(tx, [{"which": "a", "new": "1"}]) or None),
    ],
    ids=["read", "begin", "many"],
)
def test_a_connection_that_is_cut_off_is_told_and_none_of_that_age_is_used_again(
    store: Store, way: str, ask: Callable[[Tx], Any]
) -> None:
    opened = getattr(store, way)
    with opened() as tx, opened() as other:  # two that are kept in the pool
        assert ask(tx) is None is ask(other)
    others = text(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    def be_cut_off() -> None:
        with opened() as tx:
            ask(tx)
            another = Store.open(store.url.render_as_string(hide_password=False), store.vault.keys)
            with another.begin() as cutting:
                cutting.execute(others)
            another.close()
            ask(tx)

    with pytest.raises(StoreUnavailable) as told:
        be_cut_off()
    assert told.value.why == "gone"
    with opened() as tx, opened() as other:
        assert ask(tx) is None is ask(other)
