"""Log-ins of staff: passwords, second factors, sessions, guesses. Two roles get the names that the pages go by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.shorthand import (
    Big,
    Blob,
    Int,
    Str,
    When,
    col,
    counted_id,
    fk,
    index,
    maybe,
    own_id,
    pk,
    unique,
)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RENAMED = {"chef": "samordnare", "admin": "administrator"}


def upgrade() -> None:
    op.create_table(
        "staff_logins",
        sa.Column("staff_id", Big(), nullable=False, autoincrement=False),
        maybe("password_hash", Str(200)),
        maybe("totp_enc", Blob),
        maybe("totp_since", When),
        col("totp_step", Big, "0"),
        maybe("outside_hash", Blob(32)),
        maybe("invite_hash", Blob(32)),
        maybe("invite_until", When),
        maybe("last_at", When),
        fk("staff_logins", "staff_id", "staff_members"),
        pk("staff_logins", "staff_id"),
        unique("staff_logins", "outside_hash"),
        unique("staff_logins", "invite_hash"),
    )
    _proofs()
    _sessions()
    for before, after in RENAMED.items():
        op.execute(
            sa.text("UPDATE staff_members SET role = :after WHERE role = :before").bindparams(
                before=before, after=after
            )
        )


def _proofs() -> None:
    op.create_table(
        "recovery_codes",
        counted_id(),
        col("staff_id", Big),
        col("code_hash", Blob(32)),
        maybe("used_at", When),
        fk("recovery_codes", "staff_id", "staff_members"),
        pk("recovery_codes", "id"),
        unique("recovery_codes", "staff_id", "code_hash"),
    )
    index("recovery_codes", "staff_id")
    op.create_table(
        "staff_devices",
        counted_id(),
        col("staff_id", Big),
        col("token_hash", Blob(32)),
        col("seen_at", When),
        fk("staff_devices", "staff_id", "staff_members"),
        pk("staff_devices", "id"),
        unique("staff_devices", "token_hash"),
    )
    index("staff_devices", "staff_id")
    op.create_table(
        "login_tries",
        col("key_hash", Blob(32)),
        col("misses", Int),
        col("last_at", When),
        maybe("closed_until", When),
        pk("login_tries", "key_hash"),
    )
    index("login_tries", "last_at")


def _sessions() -> None:
    op.create_table(
        "staff_sessions",
        own_id(),
        maybe("staff_id", Big),
        col("token_hash", Blob(32)),
        col("stage", Str(20)),
        col("created_at", When),
        col("seen_at", When),
        col("ends_at", When),
        maybe("proved_at", When),
        col("misses", Int, "0"),
        col("device", Str(80)),
        maybe("told", Str(300)),
        maybe("state_enc", Blob),
        fk("staff_sessions", "staff_id", "staff_members"),
        pk("staff_sessions", "id"),
        unique("staff_sessions", "token_hash"),
    )
    index("staff_sessions", "staff_id")
    index("staff_sessions", "ends_at")


def downgrade() -> None:
    for name in ("staff_sessions", "login_tries", "staff_devices", "recovery_codes", "staff_logins"):
        op.drop_table(name)
    for before, after in RENAMED.items():
        op.execute(
            sa.text("UPDATE staff_members SET role = :before WHERE role = :after").bindparams(
                before=before, after=after
            )
        )
