"""Accounts of staff: inviting, roles, units, and taking out those who have left, whose sessions end at once.

Each function is one transaction with its line in the audit log. What is refused raises DeskFault in Swedish.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from staff import logging_in
from staff.people import Actor, DeskFault
from staff.roles import EVERY_UNIT, ROLES
from storage import appointments, audit, logins, sessions, staff, units
from storage.db import Store, Tx
from storage.logins import Login
from storage.staff import StaffMember


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A staff member's account. `state`: none | invited | expired | half | ready | left."""

    id: int
    name: str
    email: str
    role: str
    unit_ids: frozenset[int]
    units: str
    state: str
    last_at: datetime | None


def list_accounts(store: Store, at: datetime, now: datetime, actor: Actor) -> list[AccountRow]:
    """Give every account that is the actor's to keep (see `may_keep`). `at` is lease time."""
    with store.begin() as tx:
        known, names = logins.list_all(tx), {unit.id: unit.municipality for unit in units.list_units(tx)}
        theirs = staff.memberships_of_all(tx)
        rows = [
            _row(each, theirs.get(each.id, frozenset()), names, known.get(each.id), at)
            for each in staff.list_staff(tx, disabled=True)
        ]
        seen = [row for row in rows if may_keep(actor, row.unit_ids)]
        audit.write(tx, now, actor.ref, "account.list", "staff", f"ok {len(seen)}")
        return seen


def may_keep(actor: Actor, unit_ids: frozenset[int]) -> bool:
    """Tell whether an account is the actor's to keep: all its units are theirs, or they keep the whole municipality's.

    One that opens another unit too is not: a new invitation to it would let its maker in there.
    """
    return actor.unit_ids is None or (bool(unit_ids) and unit_ids <= actor.unit_ids)


def _row(
    each: StaffMember, theirs: frozenset[int], names: dict[int, str], login: Login | None, at: datetime
) -> AccountRow:
    places = ", ".join(names[unit] for unit in names if unit in theirs)
    state = "left" if each.disabled_at else _state(login, at)
    return AccountRow(
        each.id, each.first_name, each.email or "", each.role, theirs, places, state, login.last_at if login else None
    )


def _state(login: Login | None, at: datetime) -> str:
    if login is None or (login.password_hash is None and login.invited_until is None and not login.outside):
        return "none"
    if login.is_ready or login.outside:
        return "ready"
    if login.password_hash is not None:
        return "half"
    return "invited" if login.invited_until is not None and login.invited_until > at else "expired"


def find_account(tx: Tx, actor: Actor, staff_id: int) -> StaffMember | None:
    """Give a staff member who works here, when the account is the actor's to keep; else None."""
    member = staff.find_by_id(tx, staff_id)
    if member is None or member.disabled_at is not None:
        return None
    return member if may_keep(actor, staff.memberships_of(tx, staff_id)) else None


def invite(store: Store, at: datetime, now: datetime, actor: Actor, staff_id: int) -> str:
    """Give the token of an invitation; what they logged in with before no longer works. DeskFault when not theirs."""
    with store.begin() as tx:
        member = _account(tx, actor, staff_id)
        if not member.email:
            raise DeskFault("arbetsadressen saknas", "--email", "lägg till den först: den är det man loggar in med")
        audit.write(tx, now, actor.ref, "account.invite", f"staff:{staff_id}")
        return logging_in.invite(tx, at, staff_id)


def change(
    store: Store, now: datetime, actor: Actor, staff_id: int, role: str, unit_ids: Iterable[int], email: str
) -> None:
    """Give somebody a role, units and a work address; a new role ends their sessions. DeskFault when it cannot be."""
    wanted = frozenset(unit_ids)
    if role not in ROLES:
        raise DeskFault(f"rollen {role} finns inte", "role", f"välj bland: {', '.join(ROLES)}")
    if not wanted and role not in EVERY_UNIT:
        raise DeskFault("ingen enhet är vald", "units", "den rollen arbetar i en enhet: välj minst en")
    with store.begin() as tx:
        member = _account(tx, actor, staff_id)
        before = staff.memberships_of(tx, staff_id)
        if not all(actor.sees(unit) for unit in wanted ^ before) or (not wanted and actor.unit_ids is not None):
            raise DeskFault("den enheten är inte din att ändra", "units", "be en administratör för hela kommunen")
        if member.id == actor.staff_id and role != member.role:
            raise DeskFault("du kan inte ändra din egen roll", "role", "be en annan administratör")
        other = staff.find_by_email(tx, email)
        if other is not None and other.id != staff_id:
            raise DeskFault(f"{email} används redan", "email", "skriv en annan adress")
        staff.set_email(tx, staff_id, email)
        _set_units(tx, now, staff_id, before, wanted)
        if role != member.role:
            staff.set_role(tx, staff_id, role)
            sessions.end_all(tx, staff_id)
            audit.write(tx, now, actor.ref, "account.role", f"staff:{staff_id}", f"{member.role} > {role}")
        audit.write(tx, now, actor.ref, "account.change", f"staff:{staff_id}")


def _set_units(tx: Tx, now: datetime, staff_id: int, before: frozenset[int], wanted: frozenset[int]) -> None:
    for unit in wanted - before:
        staff.set_membership(tx, staff_id, unit)
    for unit in before - wanted:
        staff.leave(tx, staff_id, unit)
    for unit in wanted ^ before:
        appointments.look_again(tx, now, unit_id=unit)


def _account(tx: Tx, actor: Actor, staff_id: int) -> StaffMember:
    member = find_account(tx, actor, staff_id)
    if member is None:
        raise DeskFault("den medarbetaren finns inte här", "MEMBER", "se listan över konton")
    return member
