"""The tables of log-ins: how a staff member proves who they are, their sessions, and the guesses that were made.

No password, code or token is in them, only what a right one can be checked against. `metadata` is every table's.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from storage.columns import UtcDateTime, counted_id, ref, row_id
from storage.tables_meetings import metadata

__all__ = ["login_tries", "metadata", "recovery_codes", "staff_devices", "staff_logins", "staff_sessions"]

staff_logins = Table(
    "staff_logins",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff_members.id"), primary_key=True, autoincrement=False),
    Column("password_hash", String(200)),  # argon2id, with its own salt and cost
    Column("totp_enc", LargeBinary),  # sealed with the installation's own key
    Column("totp_since", UtcDateTime),  # none: a secret that was shown, and never proved
    Column("totp_step", BigInteger, nullable=False, server_default="0"),  # the last step used: each code counts once
    Column("outside_hash", LargeBinary(32), unique=True),  # the municipal account: issuer and subject, hashed
    Column("invite_hash", LargeBinary(32), unique=True),
    Column("invite_until", UtcDateTime),
    Column("last_at", UtcDateTime),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    counted_id(),
    ref("staff_members.id", index=True),
    Column("code_hash", LargeBinary(32), nullable=False),
    Column("used_at", UtcDateTime),
    UniqueConstraint("staff_id", "code_hash"),
)

staff_devices = Table(
    "staff_devices",
    metadata,
    counted_id(),
    ref("staff_members.id", index=True),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),  # a browser that has logged in as them before
    Column("seen_at", UtcDateTime, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    row_id(),
    ref("staff_members.id", nullable=True, index=True),  # none: on the way to the municipality's log-in
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("stage", String(20), nullable=False),  # password | set_up | outside | full
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),  # at the latest, however busy
    Column("proved_at", UtcDateTime),  # when the password was last given
    Column("misses", Integer, nullable=False, server_default="0"),  # wrong codes in this stage
    Column("device", String(80), nullable=False),  # "Firefox, Windows": enough to know one's own by
    Column("told", String(300)),  # a line for the next page
    Column("state_enc", LargeBinary),  # what the municipality's log-in must bring back
    Index("ix_staff_sessions_ends_at", "ends_at"),
)

login_tries = Table(
    "login_tries",
    metadata,
    Column("key_hash", LargeBinary(32), primary_key=True),  # an account and an address, a known browser, ...
    Column("misses", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("closed_until", UtcDateTime),
    Index("ix_login_tries_last_at", "last_at"),
)
