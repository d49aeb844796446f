"""Lists in the statements that run straight on the driver: the same rows as by SQLAlchemy, whatever is in them."""

from __future__ import annotations

from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, or_, select

from storage import control
from storage.db import Store
from storage.hot import Hot
from storage.tables import counters

HERE = counters.c
WANTED = select(HERE.count, HERE.name).where(
    HERE.unit_slug == bindparam("unit"),
    or_(HERE.count.in_(bindparam("some", expanding=True)), HERE.count.in_(bindparam("more", expanding=True))),
    HERE.name != bindparam("but"),
)
QUICK = Hot(WANTED.order_by(HERE.count))
NUMBERS = st.lists(st.integers(-5, 40), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(some=NUMBERS, more=NUMBERS, but=st.sampled_from(["n3", "n30", "x"]))
def test_lists_of_any_length_find_the_same(store: Store, some: list[int], more: list[int], but: str) -> None:
    with store.begin() as tx:
        if control.find(tx, "filled") is None:
            control.put(tx, "filled", "1")
            day = datetime(2026, 11, 23).date()  # noqa: DTZ001 - a date is all that is wanted
            rows = [{"day": day, "unit_slug": "a", "name": f"n{n}", "count": n} for n in range(35)]
            tx.execute(counters.insert(), rows)
        asked = {"unit": "a", "some": some, "more": more, "but": but}
        expected = [n for n in range(35) if n in {*some, *more} and f"n{n}" != but]
        assert [row.count for row in QUICK.all(tx, asked)] == expected
        assert [row[0] for row in tx.execute(WANTED.order_by(HERE.count), asked)] == expected
