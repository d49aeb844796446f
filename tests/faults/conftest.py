"""What the tests of killed workers have in common: let them live and die, and see what came of it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from storage.crypto import KeyRing
from storage.db import Store
from storage.tables import outbox as rows
from tests import nursery
from tests.faults.workers import How


@dataclass
class Told:
    """What came of it."""

    seen: dict[str, Any]
    rows: list[Any]

    def states(self) -> Counter[str]:
        return Counter(row.state for row in self.rows)


@pytest.fixture
def lives(root: Path, tmp_path: Path, database_url: str, key_ring: KeyRing) -> Any:
    """Let workers live and die; give what came of it."""

    def live(api: Any, **how: Any) -> Told:
        file = tmp_path / "how.json"
        file.write_text(json.dumps(asdict(How(database_url, key_ring.dump(), api.url, **how))), encoding="utf-8")
        said = nursery.shared().run("tests.faults.workers", str(file), folder=root)
        store = Store.open(database_url, key_ring)
        with store.read() as tx:
            found = list(tx.execute(rows.select().order_by(rows.c.id)).all())
        store.close()
        return Told(json.loads(said.splitlines()[-1]), found)

    return live
