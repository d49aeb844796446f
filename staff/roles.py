"""Who may do what on the staff pages. Every page and every deed says what it needs; a role has what it is for.

An administrator keeps accounts and settings and reads nobody's messages; the operation of the machine sees no person.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Need(StrEnum):
    """What a page or a deed needs of the one who asks for it."""

    PUBLIC = "public"  # nothing: the log-in itself
    OWN = "own"  # to be logged in: one's own account
    SEE = "see"  # people and their talks
    ACT = "act"  # answering, booking, closing
    PLAN = "plan"  # the unit's roster, settings and texts
    ACCOUNTS = "accounts"  # who works here, and in which role
    AUDIT = "audit"  # who has read and done what
    EXPORT = "export"  # tables and files out of the program
    HEALTH = "health"  # how the program is


ROLES: Final[Mapping[str, frozenset[Need]]] = {
    "lasare": frozenset({Need.OWN, Need.SEE}),
    "handlaggare": frozenset({Need.OWN, Need.SEE, Need.ACT}),
    "samordnare": frozenset({Need.OWN, Need.SEE, Need.ACT, Need.PLAN, Need.EXPORT}),
    "administrator": frozenset({Need.OWN, Need.ACCOUNTS, Need.PLAN}),
    "dataskydd": frozenset({Need.OWN, Need.AUDIT, Need.EXPORT}),
    "drift": frozenset({Need.OWN, Need.HEALTH}),
}

EVERY_UNIT: Final = frozenset({"administrator", "dataskydd", "drift"})
"""Roles that see every unit when they belong to none: their work is the whole municipality's."""


def needs_of(role: str) -> frozenset[Need]:
    """Give what a role may; a role that is not known may nothing."""
    return ROLES.get(role, frozenset()) | {Need.PUBLIC}


def may(role: str, need: Need) -> bool:
    """Tell whether a role may what needs that."""
    return need in needs_of(role)
