"""The meetings whose plan is to be asked: found by one indexed question, and read no further than a plan reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import bindparam, null, select

from storage.appointments import Appointment
from storage.db import Tx
from storage.hot import Hot
from storage.tables_meetings import appointments

_HERE: Final = appointments.c


def is_any(tx: Tx, now: datetime) -> bool:
    """Whether the plan of any meeting is to be asked by `now`."""
    return _ANY_DUE.first(tx, {"now": now}) is not None


def take(tx: Tx, now: datetime, limit: int = 200) -> list[Appointment]:
    """Give the meetings whose plan is to be asked by `now`, of the longest due so many, in the order of their ids.

    They are kept from others until the transaction ends, and those that another has now are left out. What is sealed
    is not read, for no plan asks for it: to look at their `details` raises.
    """
    return sorted(_DUE.all(tx, {"now": now, "most": limit}), key=attrgetter("id"))


class _NotRead(Mapping[str, Any]):
    """Stands for the details of a meeting that was read without them: nobody takes them for empty."""

    def __getitem__(self, name: str) -> Any:
        raise RuntimeError(f"the meeting was read for its plan, without its details ({name}): find() it")

    def __iter__(self) -> Iterator[str]:
        self["all"]
        return iter(())

    def __len__(self) -> int:
        self["all"]
        return 0


_UNREAD: Final = _NotRead()
_DETAILS: Final = Appointment._fields.index("details")
_IS_DUE: Final = (_HERE.look_at.is_not(None), _HERE.look_at <= bindparam("now"))
_ANY_DUE: Final = Hot(select(_HERE.id).where(*_IS_DUE).limit(1))


def _due(values: Iterable[Any]) -> Appointment:
    read = list(values)
    read[_DETAILS] = _UNREAD
    return Appointment._make(read)


_DUE: Final = Hot(
    select(*(null().label(name) if name == "details" else _HERE[name] for name in Appointment._fields))
    .where(*_IS_DUE)
    .order_by(_HERE.look_at, _HERE.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True),
    row=_due,
)
