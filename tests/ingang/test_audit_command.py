"""`ingang audit ...` from the keyboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from storage import audit
from storage.db import Store
from tests.ingang.test_staff_commands import Run, kim, run, town
from tests.storage.chain_hands import tampering
from tests.town import Town

__all__ = ["kim", "run", "town"]


@pytest.fixture(autouse=True)
def opened(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def store(_: object) -> Iterator[Store]:
        yield town.store

    monkeypatch.setattr("ingang.open_store.opened_store", store)


def test_a_whole_chain_ends_well(run: Run, kim: int) -> None:
    run("show", f"P{kim}")
    code, out, err = run("audit", "verify")
    assert (code, err) == (0, "")
    assert out == "The chain is whole: 0 lines, and 1 that wait for their link.\n"


def test_a_changed_line_is_named_with_exit_code_1(run: Run, town: Town) -> None:
    with town.store.begin() as tx:
        audit.write(tx, town.now, "staff:1", "inbox.take", "inbox:1")
    _, head, _ = run("audit", "head")
    with tampering(town.store) as tx:
        tx.execute(text("UPDATE audit SET actor = 'staff:2'"))
    code, out, _ = run("audit", "verify")
    assert code == 1
    assert "the first fault: line " in out
    assert "(link 1) is not as it was written" in out
    code, out, _ = run("audit", "verify", "--json", "--head", head.strip())
    told = json.loads(out)
    assert (code, told["whole"], told["links"], told["head"]) == (1, False, 1, head.strip())
    assert [(fault["kind"], fault["position"]) for fault in told["faults"]] == [("changed", 1)]


def test_a_head_from_outside_is_asked_for(run: Run, town: Town) -> None:
    with town.store.begin() as tx:
        audit.write(tx, town.now, "staff:1", "inbox.take", "inbox:1")
    word = run("audit", "head")[1].strip().partition(":")[0]
    assert json.loads(run("audit", "head", "--json")[1]) == {"head": word, "count": 1}
    assert run("audit", "verify", "--head", f"{word}:1")[0] == 0
    code, out, _ = run("audit", "verify", "--head", f"{word}:7")
    assert (code, "once went further" in out) == (1, True)
    code, _, err = run("audit", "verify", "--head", "nonsense")
    assert (code, "not the head of a chain" in err) == (2, True)


def test_the_log_is_listed_by_person_and_month(run: Run, kim: int) -> None:
    run("show", f"P{kim}", "--as", "anna")
    code, out, _ = run("audit", "list", "--person", f"P{kim}", "--month", "2026-11")
    assert code == 0
    assert "Anna, genom drift (drift)" in out
    assert "Öppnade personens sida" in out
    (row,) = [row for row in json.loads(run("audit", "list", "--json", "--member", "anna")[1]) if row["person"]]
    assert (row["action"], row["person"]) == ("participant.show", f"P{kim}")
    assert run("audit", "list", "--month", "november")[0] == 2


def test_a_sample_is_drawn(run: Run, kim: int) -> None:
    run("show", f"P{kim}", "--as", "anna")
    code, out, _ = run("audit", "sample", "--month", "2026-11", "--unit", "alvsbyn")
    assert code == 0
    assert "1 läsningar, 1 par" in out
    (pair,) = json.loads(run("audit", "sample", "--month", "2026-11", "--unit", "alvsbyn", "--json")[1])["drawn"]
    assert (pair["who"], pair["person"], pair["reads"]) == ("Anna", f"P{kim}", 1)
