"""Staff members: who works for which unit, in which order alarms reach them. Names and devices are sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Row, Select, bindparam, delete, insert, or_, select, update

from storage.crypto import PersonKey
from storage.db import Tx
from storage.errors import NotFound
from storage.hot import Hot
from storage.ids import new_id
from storage.sql import per_dialect
from storage.tables import memberships, staff_members


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A staff member. Alarms go to the address `device` on `device_channel`."""

    id: int
    first_name: str
    role: str
    email: str | None
    device_channel: str | None
    device: str | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member(StaffMember):
    """A staff member as one unit has them: 1 is alarmed first, the manager last."""

    alarm_order: int
    manager: bool


_ADD_MEMBERSHIP: Final = per_dialect(
    memberships,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["staff_id", "unit_id"],
        set_={"alarm_order": insert.excluded.alarm_order, "manager": insert.excluded.manager},
    ),
)


def _of_unit(*columns: Any) -> Select[Any]:
    wanted = select(*columns).select_from(staff_members.join(memberships))
    wanted = wanted.where(memberships.c.unit_id == bindparam("unit"), staff_members.c.disabled_at.is_(None))
    return wanted.order_by(memberships.c.manager, memberships.c.alarm_order, staff_members.c.id)


MEET_PEOPLE: Final = ("lasare", "handlaggare", "samordnare")
"""Roles that see people: the others keep accounts, logs or the machine, and are not named to anyone who writes here."""

_SEE: Final = or_(*(staff_members.c.role == role for role in MEET_PEOPLE))
_NAMES: Final = Hot(_of_unit(staff_members.c.id, staff_members.c.first_name_enc).where(_SEE))


def working_in(unit_ids: BindParameter[Any]) -> Select[*tuple[int]]:
    """Give a question for the ids of those working in any of some units who see people, to stand in another."""
    working = select(staff_members.c.id).select_from(staff_members.join(memberships))
    return working.where(memberships.c.unit_id.in_(unit_ids), staff_members.c.disabled_at.is_(None), _SEE)


_ALL_NAMES: Final = Hot(select(staff_members.c.id, staff_members.c.first_name_enc).order_by(staff_members.c.id))
_ORDER: Final = _of_unit(staff_members.c.id, memberships.c.manager).where(_SEE)
_MEMBERS: Final = _of_unit(staff_members, memberships.c.alarm_order, memberships.c.manager)


def add(
    tx: Tx,
    now: datetime,
    first_name: str,
    unit_ids: Iterable[int] = (),
    *,
    email: str | None = None,
    device_channel: str | None = None,
    device: str | None = None,
    role: str = "handlaggare",
    alarm_order: int = 1,
    manager: bool = False,
) -> int:
    """Add a staff member, to units if told, and give their id. An e-mail address may be used once."""
    staff_id, key = new_id(now), tx.vault.own(tx)
    row = {
        "id": staff_id,
        "first_name_enc": key.seal("staff_members", "first_name_enc", staff_id, first_name),
        "email_enc": key.seal("staff_members", "email_enc", staff_id, email) if email else None,
        "email_hash": tx.vault.address_hash("email", email.strip().casefold()) if email else None,
        "device_channel": device_channel if device else None,
        "device_enc": key.seal("staff_members", "device_enc", staff_id, device) if device else None,
        "role": role,
    }
    tx.execute(insert(staff_members), row)
    for unit_id in unit_ids:
        set_membership(tx, staff_id, unit_id, alarm_order=alarm_order, manager=manager)
    return staff_id


def set_membership(tx: Tx, staff_id: int, unit_id: int, *, alarm_order: int = 1, manager: bool = False) -> None:
    """Let them work for a unit, in that place of the alarm order; again: change the place."""
    row = {"staff_id": staff_id, "unit_id": unit_id, "alarm_order": alarm_order, "manager": manager}
    tx.execute(_ADD_MEMBERSHIP[tx.dialect], row)


def leave(tx: Tx, staff_id: int, unit_id: int) -> None:
    """Let them no longer work for a unit."""
    mine = (memberships.c.staff_id == staff_id) & (memberships.c.unit_id == unit_id)
    tx.execute(delete(memberships).where(mine))


def set_device(tx: Tx, staff_id: int, channel: str | None, device: str | None) -> None:
    """Set, or with None take away, the work device that alarms go to."""
    sealed = tx.vault.own(tx).seal("staff_members", "device_enc", staff_id, device) if device else None
    change = {"device_channel": channel if device else None, "device_enc": sealed}
    tx.execute(update(staff_members).where(staff_members.c.id == staff_id).values(change))


def set_role(tx: Tx, staff_id: int, role: str) -> None:
    """Give them another role."""
    tx.execute(update(staff_members).where(staff_members.c.id == staff_id).values(role=role))


def set_email(tx: Tx, staff_id: int, email: str) -> None:
    """Set the work address that they log in with, or with nothing take it away. It may be used once."""
    sealed = tx.vault.own(tx).seal("staff_members", "email_enc", staff_id, email) if email else None
    hashed = tx.vault.address_hash("email", email.strip().casefold()) if email else None
    change = {"email_enc": sealed, "email_hash": hashed}
    tx.execute(update(staff_members).where(staff_members.c.id == staff_id).values(change))


def memberships_of(tx: Tx, staff_id: int) -> frozenset[int]:
    """Give the units that they work for."""
    return memberships_of_all(tx, staff_id).get(staff_id, frozenset())


def memberships_of_all(tx: Tx, staff_id: int | None = None) -> dict[int, frozenset[int]]:
    """Give everybody's units by staff id, or one's."""
    wanted = select(memberships.c.staff_id, memberships.c.unit_id)
    rows = tx.execute(wanted if staff_id is None else wanted.where(memberships.c.staff_id == staff_id)).all()
    found: dict[int, set[int]] = {}
    for member, unit in rows:
        found.setdefault(member, set()).add(unit)
    return {member: frozenset(unit_ids) for member, unit_ids in found.items()}


def disable(tx: Tx, staff_id: int, now: datetime) -> None:
    """Take them out of names, rosters and alarms; what they did stays. NotFound when there is nobody of that id."""
    working = staff_members.c.disabled_at.is_(None)
    done = tx.execute(update(staff_members).where(staff_members.c.id == staff_id, working).values(disabled_at=now))
    if not done.rowcount and find_by_id(tx, staff_id) is None:
        raise NotFound("staff member", staff_id)


def find_by_id(tx: Tx, staff_id: int) -> StaffMember | None:
    """Give a staff member, disabled or not, or None."""
    row = tx.execute(select(staff_members).where(staff_members.c.id == staff_id)).one_or_none()
    return None if row is None else StaffMember(**_opened(tx.vault.own(tx), row))


def find_by_email(tx: Tx, email: str) -> StaffMember | None:
    """Give the staff member of that e-mail address, or None."""
    hashed = tx.vault.address_hash("email", email.strip().casefold())
    row = tx.execute(select(staff_members).where(staff_members.c.email_hash == hashed)).one_or_none()
    return None if row is None else StaffMember(**_opened(tx.vault.own(tx), row))


def list_staff(tx: Tx, *, disabled: bool = False) -> list[StaffMember]:
    """Give all staff members in the order in which they came, with `disabled` also those who have left."""
    wanted = select(staff_members).order_by(staff_members.c.id)
    if not disabled:
        wanted = wanted.where(staff_members.c.disabled_at.is_(None))
    rows = tx.execute(wanted).all()
    return [StaffMember(**_opened(tx.vault.own(tx), row)) for row in rows]


def list_members(tx: Tx, unit_id: int) -> list[Member]:
    """Give a unit's working staff in alarm order, managers last."""
    rows = tx.execute(_MEMBERS, {"unit": unit_id}).all()
    return [Member(**_opened(tx.vault.own(tx), row), alarm_order=row.alarm_order, manager=row.manager) for row in rows]


def names(tx: Tx, unit_id: int) -> dict[int, str]:
    """Give the first names of those of a unit's working staff who see people, by id and in alarm order."""
    return _first_names(tx, _NAMES.all(tx, {"unit": unit_id}))


def all_names(tx: Tx) -> dict[int, str]:
    """Give everybody's first name by id, of those who have left too."""
    return _first_names(tx, _ALL_NAMES.all(tx))


def _first_names(tx: Tx, rows: Iterable[Any]) -> dict[int, str]:
    own = tx.vault.own(tx)
    return {row[0]: own.open("staff_members", "first_name_enc", row[0], row[1]) for row in rows}


def alarm_order(tx: Tx, unit_id: int) -> tuple[list[int], int | None]:
    """Give the ids of those whom an alarm goes to, in order, and the id of the manager who comes last (or None)."""
    rows = tx.execute(_ORDER, {"unit": unit_id}).all()
    return [row[0] for row in rows if not row[1]], next((row[0] for row in rows if row[1]), None)


def _opened(key: PersonKey, row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    def text(column: str, blob: bytes | None) -> str | None:
        return None if blob is None else key.open("staff_members", column, row.id, blob)

    return {
        "id": row.id,
        "first_name": text("first_name_enc", row.first_name_enc),
        "role": row.role,
        "email": text("email_enc", row.email_enc),
        "device_channel": row.device_channel,
        "device": text("device_enc", row.device_enc),
        "disabled_at": row.disabled_at,
    }
