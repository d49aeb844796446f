"""A database as large as a county's after some years: people, what was said, meetings and an inbox, sealed as ever.

The rows are written many at a time, past the program's own ways of making them; what they say is sealed with each
person's own key, and their ids tell their times, as those of the program do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

from sqlalchemy import Table, insert, select

from ingang.demo.units import UNITS
from ingang.seeding import seed_units
from rules.slots import five_minutes
from storage import sessions, staff, units
from storage.crypto import PersonKey
from storage.db import Store, Tx
from storage.ids import least_id
from storage.outbox import Body
from storage.tables import contacts, inbound, inbox_items, memberships, outbox, participants, person_keys
from storage.tables_meetings import appointments, busy

FIRST: Final = ("Kim", "Alex", "Sara", "Amir", "Ebba", "Yusuf", "Maja", "Liam", "Freweini", "Oksana", "Noor", "Elias")
LAST: Final = ("Andersson", "Lund", "Berg", "Haddad", "Nilsson", "Tesfay", "Ström", "Åkerlund", "Öberg", "Koval")
HEARD: Final = "Hej, jag orkar inte komma i dag men kan vi ses en annan dag, helst efter lunch och ute som sist?"
TOLD: Final = "Hej! På torsdag kl. 13.30 går vi en promenad vid Skutan. Anna möter dig. Svara JA, NEJ eller BYT."
AT_ONCE: Final = 400
_NUMBERS: Final = count(1)


@dataclass
class StoredTown:
    """The database, with so many people and messages. `now` is a Monday morning."""

    store: Store
    now: datetime
    size: int
    messages: int
    first: int = 0  # the number of its first person, and `hour` of its first meeting: a town may be filled twice
    hour: int = 0
    people: list[int] = field(default_factory=list)

    def fill(self, meetings: int = 800, waiting: int = 300) -> None:
        """Write it all."""
        self._meetings, self._waiting = meetings, waiting
        with self.store.begin() as tx:
            seed_units(tx, UNITS, self.now - timedelta(days=900))
            self.units = [unit.id for unit in units.list_units(tx)]
            rows = tx.execute(select(memberships.c.staff_id, memberships.c.unit_id)).all()
            self.staff: dict[int, int] = {row.staff_id: row.unit_id for row in rows}
        for first in range(0, self.size, AT_ONCE):
            last = min(first + AT_ONCE, self.size)
            self._add(range(self.first + first, self.first + last))
        with self.store.begin() as tx:
            self._add_meetings(tx)

    def let_in(self, token: str, at: datetime) -> int:
        """A coordinator of every unit, logged in with that token; give who."""
        with self.store.begin() as tx:
            who = staff.add(tx, self.now, "Ida", self.units, role="samordnare")
            sessions.start(tx, at, token, who, "full", "Mätning", lasts=timedelta(hours=12), proved=True)
        return who

    def _id(self, at: datetime) -> int:
        return least_id(at) | next(_NUMBERS) & 0x3FFFFF

    def _add(self, numbers: range) -> None:
        rows: dict[Table, list[dict[str, Any]]] = {
            table: [] for table in (participants, person_keys, contacts, inbound, outbox, inbox_items)
        }
        with self.store.begin() as tx:
            for number in numbers:
                self._add_one(tx, number, rows)
            for table, some in rows.items():
                if some:
                    tx.execute(insert(table), some)

    def _add_one(self, tx: Tx, number: int, rows: dict[Table, list[dict[str, Any]]]) -> None:
        came = self.now - timedelta(days=30 + number % 700, minutes=number)
        person, contact, key_id = self._id(came), self._id(came), self._id(came)
        key = PersonKey(key_id, secret := bytes(24) + number.to_bytes(8, "big"))
        unit = self.units[number % len(self.units)]
        address = f"+4670{number:07}"
        name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}"
        profile = json.dumps({"name": name, "birth_year": 1998 + number % 10, "phone": address}, ensure_ascii=False)
        self.people.append(person)
        rows[participants].append(
            {
                "id": person, "unit_id": unit, "created_at": came, "status": "active",
                "profile_enc": key.seal("participants", "profile_enc", person, profile),
            }
        )  # fmt: skip
        wrapped = tx.vault.wrap(key_id, secret)
        rows[person_keys].append({"id": key_id, "participant_id": person, "wrapped": wrapped, "created_at": came})
        rows[contacts].append(
            {
                "id": contact, "participant_id": person, "key_id": key_id, "channel": "sim_sms", "created_at": came,
                "address_hash": tx.vault.address_hash("sim_sms", address), "verified_at": came,
                "address_enc": key.seal("contacts", "address_enc", contact, address),
                "last_in_at": self.now - timedelta(days=number % 60), "last_out_at": self.now - timedelta(days=1),
            }
        )  # fmt: skip
        each = self.messages // self.size
        for place in range(each):
            at = came + (self.now - came) / (each + 1) * (place + 1)
            if place % 2:
                rows[inbound].append(self._heard(key, contact, at))
            else:
                rows[outbox].append(self._told(key, person, contact, at))
        if number * self._waiting % self.size < self._waiting:
            rows[inbox_items].append(self._item(key, person, unit, number, "open"))
        elif number % 4 == 0:
            rows[inbox_items].append(self._item(key, person, unit, number, "closed"))

    def _heard(self, key: PersonKey, contact: int, at: datetime) -> dict[str, Any]:
        row = self._id(at)
        return {
            "id": row, "contact_id": contact, "channel": "sim_sms", "provider_id": f"in-{row}", "kind": "text",
            "body_enc": key.seal("inbound", "body_enc", row, HEARD), "received_at": at, "state": "handled",
        }  # fmt: skip

    def _told(self, key: PersonKey, person: int, contact: int, at: datetime) -> dict[str, Any]:
        row = self._id(at)
        return {
            "id": row, "contact_id": contact, "participant_id": person, "dedupe_key": f"town:{row}",
            "channel": "sim_sms", "kind": "meeting", "priority": 2, "message": "appointment/day_before",
            "body_enc": key.seal("outbox", "body_enc", row, Body(TOLD).dump()), "why": "Personen har en tid.",
            "created_at": at, "not_before": at, "state": "delivered", "rank": 5, "ref": f"town-{row}",
            "accepted_at": at, "settled_at": at,
        }  # fmt: skip

    def _item(self, key: PersonKey, person: int, unit: int, number: int, state: str) -> dict[str, Any]:
        at = self.now - timedelta(hours=1 + number % 40)
        row = self._id(at)
        return {
            "id": row, "unit_id": unit, "participant_id": person, "kind": "message", "urgency": 30, "state": state,
            "opened_at": at, "last_at": at, "due_at": at + timedelta(days=2),
            "note_enc": key.seal("inbox_items", "note_enc", row, HEARD),
            "closed_at": at if state == "closed" else None,
        }  # fmt: skip

    def _add_meetings(self, tx: Tx) -> None:
        meetings: list[dict[str, Any]] = []
        taken: list[dict[str, Any]] = []
        at_work = list(self.staff.items())
        monday = self.now.replace(minute=0) - timedelta(days=14)
        for number in range(self._meetings):
            (who, unit), place = at_work[number % len(at_work)], number // len(at_work)
            week, day, hour = place // 20, place // 4 % 5, self.hour + place % 4  # four a day, on working days
            starts = monday + timedelta(days=7 * week + day, hours=hour)
            row = self._id(starts - timedelta(days=20))
            meetings.append(
                {
                    "id": row, "participant_id": self.people[number * 7 % self.size], "unit_id": unit, "staff_id": who,
                    "form": "phone", "starts": starts, "ends": starts + timedelta(minutes=40), "booked_by": "staff",
                    "booked_at": starts - timedelta(days=20), "told": True, "answer": "yes" if number % 2 else None,
                    "look_at": starts if starts > self.now else None,
                }
            )  # fmt: skip
            spans = five_minutes(starts, starts + timedelta(minutes=40))
            taken += [{"staff_id": who, "five_minutes": each, "appointment_id": row} for each in spans]
        tx.execute(insert(appointments), meetings)
        tx.execute(insert(busy), taken)
