"""Ratings put straight into a store, scored as all are: what the talks and pages make is tested with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from messages.scales import load_scales
from rules.ratings import Marks, form_of, score
from storage import ratings
from storage.db import Tx
from storage.ratings import Result, Wanted

LASTS = timedelta(days=7)


def asked(tx: Tx, now: datetime, person: int, unit: int, scale: str = "egna_efter", version: str = "1") -> int:
    """A rating that was asked for and not begun."""
    which = load_scales()[scale]
    wanted = Wanted(person, unit, None, which.role, scale, version, which.instrument, now + LASTS)
    found = ratings.ask(tx, now, wanted)
    assert found is not None
    return found


def answered(
    tx: Tx,
    now: datetime,
    person: int,
    unit: int,
    items: Mapping[str, float | None] | float,
    *,
    scale: str = "egna_efter",
    version: str = "1",
    mode: str = "page",
    comment: str = "",
    age: int | None = 20,
) -> int:
    """A rating that was answered; one number stands for the same on every item."""
    which = load_scales()[scale]
    given = items if isinstance(items, Mapping) else dict.fromkeys(which.keys, items)
    made = asked(tx, now, person, unit, scale, version)
    for key, value in given.items():
        assert ratings.keep_item(tx, now, made, key, value, mode)
    if comment:
        assert ratings.keep_comment(tx, now, made, comment, mode)
    form = form_of(mode)
    first = ratings.first_total(tx, person, ratings.episode_of(tx, person), scale, form)
    scored = score(which.instrument, [given.get(key) for key in which.keys], age=age, first_total=first)
    result = Result(
        form, scored.total, first, scored.mark, scored.outcome, scored.straight, len(scored.low_items),
        Marks().as_dict(),
    )  # fmt: skip
    assert ratings.finish(tx, now, made, mode, result)
    return made
