"""The audit log becomes a chain: a mark on each row, links that are only ever added to, and what waits for one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.shorthand import Big, Blob, Int, col, index, pk, unique

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

REFUSAL = "the chain of the audit log is only ever added to"


def upgrade() -> None:
    op.add_column("audit", sa.Column("mark", Blob(32), nullable=True))
    index("audit", "object_ref", "id")
    index("audit", "actor", "id")
    index("audit", "at")
    own = Big().with_variant(Int, "sqlite")
    op.create_table(
        "audit_chain",
        sa.Column("position", own, nullable=False, autoincrement=False),
        col("audit_id", Big),
        col("hash", Blob(32)),
        pk("audit_chain", "position"),
        unique("audit_chain", "audit_id"),
    )
    op.create_table(
        "audit_waiting",
        sa.Column("audit_id", own, nullable=False, autoincrement=False),
        pk("audit_waiting", "audit_id"),
    )
    _only_added_to()


def _only_added_to() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_chain_no_{act.lower()} BEFORE {act} ON audit_chain "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_audit_chain_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_chain_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chain "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_chain_change()"
    )
