"""A database with many people in the middle of their sign-up, made fast: one real person a stage, copied many times."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, text

from bot.channels.base import Inbound
from bot.channels.pickup import SIMULATED_SMS
from bot.conversation import take_turn
from ingang.seeding import seed_units
from ingang.settings import Hours, Settings, StaffMember, Unit
from ingang.wiring import build_house
from storage.crypto import KeyRing
from storage.db import Store, Tx
from storage.ids import new_id
from storage.tables import contacts, conversations, inbound, outbox, participants

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STAGES = ["hej såg lappen på coop", "aa", "kim", "03", "4 o 6", "promenad kanske", "1", "jobbigt m folk"]
LAST = "ja"
OFFICE = Hours(days=(0, 1, 2, 3, 4), starts=clock(8), ends=clock(16))
UNIT = Unit(
    slug="alvsbyn", name="Ingång Älvsbyn", municipality="Älvsbyn", phone="0929-170 00", address="Storgatan 27",
    where_under_15="Elevhälsan", where_over_29="Arbetsmarknadsenheten",
    staff=(StaffMember(first_name="Anna", hours=(OFFICE,)), StaffMember(first_name="Erik", hours=(OFFICE,))),
)  # fmt: skip
SEALED = {
    participants: ("profile_enc",),
    contacts: ("address_enc",),
    conversations: ("facts_enc", "journal_enc"),
    inbound: ("body_enc",),
    outbox: ("facts_enc", "body_enc"),
}
BATCH = 100  # what the maker takes beside the program is to be little


@dataclass
class Stored:
    """The database, and people in it who are in the middle of something."""

    store: Store
    house: Any
    people: list[tuple[str, int]]  # address, how many of the STAGES they have behind them
    now: datetime = START + timedelta(hours=1)
    numbers: int = 0
    waiting: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    def make(cls, path: Path, size: int) -> Stored:
        """A database with `size` conversations, each open at one of the questions."""
        store = Store.open(f"sqlite:///{path}", KeyRing.new())
        store.upgrade()
        with store.begin() as tx:
            seed_units(tx, (UNIT,), START)
            house = build_house(tx, Settings(), {SIMULATED_SMS.name: SIMULATED_SMS})
        made = cls(store, house, [])
        models = [made._model(stage) for stage in range(1, len(STAGES) + 1)]
        chosen = random.Random(1)
        for first in range(0, size, BATCH):
            with store.begin() as tx:
                made._copy(tx, models, range(first, min(first + BATCH, size)))
        made.people = [
            (address(number), number % len(models) + 1) for number in chosen.sample(range(size), min(size, 1500))
        ]
        with store.begin() as tx:
            tx.conn.execute(text("ANALYZE"))
        return made

    # --- making people ---------------------------------------------------------------------------------------------

    def _model(self, stage: int) -> tuple[Any, dict[Any, list[dict[str, Any]]]]:
        """One real person who has written the first `stage` messages: their key and their rows, opened."""
        who = f"+4670{900_0000 + stage}"
        for said in STAGES[:stage]:
            self._take(who, said)
        with self.store.read() as tx:
            hashed = tx.vault.address_hash(SIMULATED_SMS.name, who)
            contact = tx.conn.execute(select(contacts).where(contacts.c.address_hash == hashed)).mappings().one()
            key = tx.vault.key_by_id(tx, contact["key_id"])
            rows = {
                table: [_opened(key, table, row) for row in tx.conn.execute(select(table).where(mine)).mappings()]
                for table, mine in (
                    (participants, participants.c.id == contact["participant_id"]),
                    (contacts, contacts.c.id == contact["id"]),
                    (conversations, conversations.c.contact_id == contact["id"]),
                    (inbound, inbound.c.contact_id == contact["id"]),
                    (outbox, outbox.c.contact_id == contact["id"]),
                )
            }
        return key, rows

    def _copy(self, tx: Tx, models: list[Any], numbers: range) -> None:
        ready: dict[Any, list[dict[str, Any]]] = {table: [] for table in SEALED}
        for number in numbers:
            _, rows = models[number % len(models)]
            moved: dict[int, int] = {}
            person = rows[participants][0]["id"]
            moved[person] = new_id(START)
            tx.conn.execute(
                insert(participants),
                [{"id": moved[person], "created_at": START, "unit_id": rows[participants][0]["unit_id"]}],
            )
            key = tx.vault.new_key(tx, moved[person], START)
            for table in list(SEALED)[1:]:
                for row in rows[table]:
                    moved[row["id"]] = new_id(START)
            for table in list(SEALED)[1:]:
                for row in rows[table]:
                    ready[table].append(_copied(tx, key, table, row, moved, number))
        for table in list(SEALED)[1:]:
            tx.conn.execute(insert(table), ready[table])

    # --- taking turns ----------------------------------------------------------------------------------------------

    def turns(self, count: int) -> list[float]:
        """Take so many turns of interleaved people; return the seconds of each."""
        spent = []
        for _ in range(count):
            if not self.waiting:
                self.waiting = list(self.people)
                random.Random(self.numbers).shuffle(self.waiting)
            who, stage = self.waiting.pop()
            said = STAGES[stage] if stage < len(STAGES) else LAST
            spent.append(self._take(who, said))
            place = self.people.index((who, stage))
            self.people[place] = (who, stage + 1) if stage < len(STAGES) else (self._newcomer(), 1)
        return spent

    def _newcomer(self) -> str:
        """Somebody whose first message is taken beside the clock, when another has come to the end of the sign-up."""
        who = f"+4672{1_000_000 + self.numbers}"
        self._take(who, STAGES[0])
        return who

    def row_sizes(self, count: int) -> list[list[int]]:
        """Take turns, and return the byte sizes of the rows that each wrote."""
        sizes = []
        for _ in range(count):
            with self.store.read() as tx:
                before = _marks(tx.conn)
            self.turns(1)
            with self.store.read() as tx:
                sizes.append(_written(tx.conn, before))
        return sizes

    def _take(self, who: str, said: str) -> float:
        self.numbers += 1
        self.now += timedelta(seconds=30)
        message = Inbound(SIMULATED_SMS.name, who, f"m{self.numbers}", said)
        begun = time.perf_counter()
        report = take_turn(self.store, self.house, message, self.now)
        spent = time.perf_counter() - begun
        assert report.state == "handled", report.state
        with self.store.begin() as tx:
            tx.conn.execute(_ACCEPT, {"now": self.now.replace(tzinfo=None)})
        return spent


_ACCEPT = text("UPDATE outbox SET state = 'accepted', accepted_at = :now WHERE state = 'queued'")


def address(number: int) -> str:
    """The made-up number of a stored person."""
    return f"+4673{number:07d}"


def _opened(key: Any, table: Any, row: Any) -> dict[str, Any]:
    opened = dict(row)
    for column in SEALED[table]:
        if opened[column] is not None:
            opened[column] = key.open(table.name, column, opened["id"], opened[column])
    return opened


def _copied(tx: Tx, key: Any, table: Any, row: dict[str, Any], moved: dict[int, int], number: int) -> dict[str, Any]:
    mine = {name: moved.get(value, value) if isinstance(value, int) else value for name, value in row.items()}
    if table is contacts:
        mine |= {"key_id": key.id, "address_enc": address(number)}
        mine["address_hash"] = tx.vault.address_hash(SIMULATED_SMS.name, address(number))
    elif table is inbound:
        mine["provider_id"] = f"stored-{mine['id']}"
    elif table is outbox:
        mine |= {"dedupe_key": f"stored:{mine['id']}", "ref": f"stored-{mine['id']}"}
    for column in SEALED[table]:
        if mine[column] is not None:
            mine[column] = key.seal(table.name, column, mine["id"], mine[column])
    return mine


def _marks(conn: Connection) -> dict[str, int]:
    return {name: conn.execute(text(f"SELECT max(id) FROM {name}")).scalar() or 0 for name in ("inbound", "outbox")}


def _written(conn: Connection, before: dict[str, int]) -> list[int]:
    """The sizes of the rows that the last turn wrote: what came in, what goes out, the talk and the contact."""
    sizes = []
    for name, mark in before.items():
        new = conn.execute(text(f"SELECT * FROM {name} WHERE id > :mark"), {"mark": mark}).all()
        sizes += [_size(row) for row in new]
    talk = conn.execute(text("SELECT * FROM conversations ORDER BY touched_at DESC LIMIT 1")).one()
    contact = conn.execute(text("SELECT * FROM contacts WHERE id = :id"), {"id": talk.contact_id}).one()
    return [*sizes, _size(talk), _size(contact)]


def _size(row: Any) -> int:
    return sum(len(value) if isinstance(value, (bytes, str)) else 8 for value in row if value is not None)
