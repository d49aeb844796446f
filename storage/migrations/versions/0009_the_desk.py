"""The staff's desk: clocks in the inbox, named readers, notes, saved replies, exits, and what an index has to read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.shorthand import Big, Blob, Str, When, col, counted_id, fk, index, maybe, own_id, pk, unique

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ORDER = {
    "promise": 2, "message": 3, "callback": 4, "referral": 5, "silence": 6, "meeting": 7, "how": 11, "other": 12,
}  # fmt: skip


def upgrade() -> None:
    _clocks()
    _people()
    op.create_table(
        "saved_replies",
        counted_id(),
        col("unit_id", Big),
        col("name", Str(60)),
        col("text", Str(1600)),
        col("changed_at", When),
        pk("saved_replies", "id"),
        fk("saved_replies", "unit_id", "units"),
    )
    index("saved_replies", "unit_id")
    op.create_table("used_forms", col("once", Str(120)), col("at", When), pk("used_forms", "once"))
    index("used_forms", "at")
    op.create_table(
        "people_changes",
        counted_id(),
        col("person", Big),
        pk("people_changes", "id"),
        unique("people_changes", "person"),
        sqlite_autoincrement=True,
    )
    _triggers()


def _clocks() -> None:
    for column in (
        maybe("taken_at", When), maybe("handed_by", Big), maybe("snoozed_until", When), maybe("closed_by", Big),
    ):  # fmt: skip
        op.add_column("inbox_items", column)
    for kind, urgency in ORDER.items():
        mine = sa.text("update inbox_items set urgency = :urgency where kind = :kind and state <> 'closed'")
        op.get_bind().execute(mine, {"urgency": urgency, "kind": kind})


def _people() -> None:
    op.create_table(
        "named_readers",
        counted_id(),
        col("participant_id", Big),
        col("staff_id", Big),
        col("added_at", When),
        pk("named_readers", "id"),
        fk("named_readers", "participant_id", "participants"),
        fk("named_readers", "staff_id", "staff_members"),
        unique("named_readers", "participant_id", "staff_id"),
    )
    index("named_readers", "staff_id")
    op.create_table(
        "person_notes",
        own_id(),
        col("participant_id", Big),
        maybe("staff_id", Big),
        col("written_at", When),
        col("body_enc", Blob),
        maybe("struck_at", When),
        pk("person_notes", "id"),
        fk("person_notes", "participant_id", "participants"),
        fk("person_notes", "staff_id", "staff_members"),
    )
    index("person_notes", "participant_id")
    op.create_table(
        "exits",
        own_id(),
        col("participant_id", Big),
        maybe("unit_id", Big),
        col("reason", Str(20)),
        col("was", Str(20)),
        col("at", When),
        maybe("staff_id", Big),
        maybe("undone_at", When),
        pk("exits", "id"),
        fk("exits", "participant_id", "participants"),
        fk("exits", "unit_id", "units"),
        fk("exits", "staff_id", "staff_members"),
    )
    index("exits", "participant_id")


_WATCHED = "profile_enc, unit_id, protected"


def _triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, act, row in (
            ("insert", "INSERT", "NEW"), ("update", f"UPDATE OF {_WATCHED}", "NEW"), ("delete", "DELETE", "OLD"),
        ):  # fmt: skip
            forget = f"DELETE FROM people_changes WHERE person = {row}.id"  # noqa: S608 - NEW or OLD, our own word
            note = f"INSERT INTO people_changes (person) VALUES ({row}.id)"  # noqa: S608 - the same
            op.execute(
                f"CREATE TRIGGER participants_note_{name} AFTER {act} ON participants BEGIN {forget}; {note}; END"
            )
        return
    op.execute(
        "CREATE FUNCTION note_person_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "DECLARE whose bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END; BEGIN "
        "INSERT INTO people_changes (person) VALUES (whose) ON CONFLICT (person) "
        "DO UPDATE SET id = nextval(pg_get_serial_sequence('people_changes', 'id')); RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER participants_note AFTER INSERT OR DELETE OR UPDATE OF {_WATCHED} ON participants "
        "FOR EACH ROW EXECUTE FUNCTION note_person_change()"
    )
