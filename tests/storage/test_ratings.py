"""Ratings are asked once a session, kept item by item, sealed, and their links and tasks each count once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from storage import appointments, contacts, exits, inbox, rating_links, rating_tasks, ratings, staff, unit_scales, units
from storage.appointments import NewAppointment
from storage.db import Store, Tx
from storage.ratings import Result, Wanted
from storage.tables_ratings import rating_tasks as task_rows
from storage.tables_ratings import ratings as rating_rows
from storage.units import UnitSeed

DAY = timedelta(days=1)


@dataclass
class Town:
    tx: Tx
    now: datetime
    unit: int
    kim: int
    anna: int
    session: int

    def wanted(self, role: str = "after", session: int | None = -1) -> Wanted:
        where = self.session if session == -1 else session
        return Wanted(self.kim, self.unit, where, role, "egna_efter", "1", "own", self.now + DAY)

    def asked(self, role: str = "after", session: int | None = -1) -> int:
        rating = ratings.ask(self.tx, self.now, self.wanted(role, session))
        assert rating is not None
        return rating


@pytest.fixture
def town(store: Store, now: datetime) -> Iterator[Town]:
    with store.begin() as tx:
        units.sync(tx, [UnitSeed("alvsbyn", "A", "Älvsbyn", {})], now)
        unit = units.get_unit(tx, "alvsbyn").id
        anna = staff.add(tx, now, "Anna", [unit])
        kim = contacts.create(tx, now, "sms", "+46701740605").participant_id
        meeting = NewAppointment(kim, unit, anna, "office", now, now + timedelta(hours=1), (1,), "staff")
        yield Town(tx, now, unit, kim, anna, appointments.book(tx, now, meeting))


def result(total: float | None = 30.0, **more: object) -> Result:
    values: dict[str, object] = {
        "form": "numbers", "total": total, "first_total": None, "mark": None, "outcome": None, "straight": False,
        "low": 0, "marks": {"reliable": 5.0},
    }  # fmt: skip
    return Result(**(values | more))  # type: ignore[arg-type]


def test_a_session_is_asked_about_once_whatever_came_of_it(town: Town) -> None:
    first = town.asked()
    assert ratings.ask(town.tx, town.now, town.wanted()) is None
    assert ratings.decline(town.tx, town.now, first)
    assert ratings.ask(town.tx, town.now, town.wanted()) is None
    assert town.asked("before") != first, "the other role is another question"
    assert town.asked("check_in", None) != town.asked("check_in", None), "a check-in belongs to no session"


def test_every_item_is_kept_as_it_comes_and_zero_is_not_missing(town: Town) -> None:
    rating = town.asked()
    for key, value in (("relation", 0.0), ("goals", 7.5), ("method", None)):
        assert ratings.keep_item(town.tx, town.now, rating, key, value, "sms")
    assert ratings.keep_comment(town.tx, town.now, rating, "Längre promenad", "sms")
    each = ratings.find(town.tx, rating)
    assert each is not None
    assert (each.state, each.mode) == ("begun", "sms")
    assert each.items == {"relation": 0.0, "goals": 7.5, "method": None}
    assert each.comment == "Längre promenad"
    assert ratings.find_of_session(town.tx, town.session, "after") == each


def test_what_was_said_is_sealed(town: Town) -> None:
    rating = town.asked()
    ratings.keep_comment(town.tx, town.now, rating, "Längre promenad", "sms")
    stored = town.tx.execute(select(rating_rows.c.answers_enc)).scalar_one()
    assert b"promenad" not in stored
    assert b"comment" not in stored


@pytest.mark.parametrize(
    ("items", "comment", "total", "state"),
    [
        ({"a": 7.0}, None, 30.1, "answered"),
        ({"a": 0.0, "b": None}, None, None, "partly"),
        ({"a": None}, "ord", None, "partly"),
        ({"a": None, "b": None}, None, None, "declined"),
    ],
)
def test_a_rating_is_finished_once(
    town: Town, items: dict[str, float | None], comment: str | None, total: float | None, state: str
) -> None:
    rating = town.asked()
    for key, value in items.items():
        ratings.keep_item(town.tx, town.now, rating, key, value, "page")
    if comment:
        ratings.keep_comment(town.tx, town.now, rating, comment, "page")
    came = result(total, first_total=25.0, mark=36.0, outcome="improved", form="line", low=1, straight=True)
    assert ratings.finish(town.tx, town.now, rating, "page", came) == state
    assert ratings.finish(town.tx, town.now, rating, "page", came) is None
    assert not ratings.keep_item(town.tx, town.now, rating, "a", 10.0, "page")
    assert not ratings.decline(town.tx, town.now, rating)
    each = ratings.find(town.tx, rating)
    assert each is not None
    assert (each.total, each.first_total, each.mark, each.low, each.straight) == (total, 25.0, 36.0, 1, True)
    assert each.below == (None if total is None else True)
    assert each.items == items
    assert each.marks == {"reliable": 5.0}


def test_a_change_is_counted_from_the_first_of_the_same_form_in_the_same_episode(town: Town) -> None:
    def given(total: float, form: str) -> None:
        rating = town.asked("check_in", None)
        ratings.keep_item(town.tx, town.now, rating, "a", 1.0, "sms")
        ratings.finish(town.tx, town.now, rating, "sms", result(total, form=form))

    def first(form: str, episode: int = 0) -> float | None:
        return ratings.first_total(town.tx, town.kim, episode, "egna_efter", form)

    assert first("line") is None
    given(20.5, "line")
    given(11.0, "numbers")
    given(30.0, "line")
    assert (first("line"), first("numbers"), first("line", 1)) == (20.5, 11.0, None)
    exits.add(town.tx, town.now, town.kim, town.unit, "work", "active", town.anna)
    assert ratings.episode_of(town.tx, town.kim) == 1
    left = exits.find_latest(town.tx, town.kim)
    assert left is not None
    exits.undo(town.tx, town.now, left.id)
    assert ratings.episode_of(town.tx, town.kim) == 0, "an exit taken back begins nothing new"


def test_what_is_kept_from_a_staff_member_is_not_on_their_list(town: Town) -> None:
    rating = town.asked()
    sara = staff.add(town.tx, town.now, "Sara", [town.unit])
    ratings.hide_from(town.tx, rating, town.anna)
    assert ratings.list_of(town.tx, town.kim, for_staff=town.anna) == []
    assert [each.id for each in ratings.list_of(town.tx, town.kim, for_staff=sara)] == [rating]
    assert [each.id for each in ratings.list_of(town.tx, town.kim)] == [rating]


def test_one_that_nobody_sends_runs_out(town: Town) -> None:
    rating, sent = town.asked(), town.asked("before")
    ratings.keep_item(town.tx, town.now, sent, "a", 1.0, "sms")
    ratings.finish(town.tx, town.now, sent, "sms", result())
    assert not ratings.any_run_out(town.tx, town.now)
    assert ratings.any_run_out(town.tx, town.now + DAY)
    assert [each.id for each in ratings.list_run_out(town.tx, town.now + DAY)] == [rating]
    ratings.expire(town.tx, rating)
    assert not ratings.any_run_out(town.tx, town.now + DAY)
    found = ratings.find(town.tx, sent)
    assert found is not None
    assert found.state == "answered"


# --- links ------------------------------------------------------------------------------------------------------------


def test_a_link_opens_its_rating_until_it_is_too_old_and_counts_once(town: Town) -> None:
    rating = town.asked()
    token = rating_links.make(town.tx, "answer", town.kim, rating, town.now + DAY)
    assert rating_links.make(town.tx, "answer", town.kim, rating, town.now + DAY) == token, "a reminder has the same"
    assert rating_links.make(town.tx, "device", town.kim, rating, town.now + DAY) != token
    found = rating_links.find(town.tx, token, town.now)
    assert found is not None
    assert (found.rating_id, found.participant_id, found.purpose, found.used_at) == (rating, town.kim, "answer", None)
    assert rating_links.use(town.tx, token, town.now)
    assert not rating_links.use(town.tx, token, town.now)
    again = rating_links.find(town.tx, token, town.now)
    assert again is not None
    assert again.used_at == town.now
    assert rating_links.find(town.tx, token, town.now + DAY) is None
    assert rating_links.find(town.tx, token[:-1], town.now) is None
    assert rating_links.any_old(town.tx, town.now + DAY)
    assert rating_links.drop_old(town.tx, town.now + DAY) == 2


def test_each_link_to_ones_own_curve_is_another(town: Town) -> None:
    one, two = (rating_links.make(town.tx, "curve", town.kim, None, town.now + DAY * n) for n in (1, 2))
    assert one != two


# --- tasks and texts --------------------------------------------------------------------------------------------------


def test_a_rating_has_one_task_and_what_changed_is_sealed(town: Town) -> None:
    rating = town.asked()
    items = [inbox.open_item(town.tx, town.now, kind, 8, town.unit, town.kim, None, None)[0] for kind in "ab"]
    assert rating_tasks.open_task(town.tx, items[0], rating)
    assert not rating_tasks.open_task(town.tx, items[1], rating)
    assert rating_tasks.close(town.tx, town.now, items[0], "Vi går en annan väg nu.")
    assert not rating_tasks.close(town.tx, town.now, items[0], "Något annat.")
    assert b"annan" not in town.tx.execute(select(task_rows.c.changed_enc)).scalar_one()
    rating_tasks.note_told(town.tx, items[0], "asked")
    task = rating_tasks.find(town.tx, items[0])
    assert task is not None
    assert (task.changed, task.told, task.participant_id) == ("Vi går en annan väg nu.", "asked", town.kim)
    assert rating_tasks.find_of_rating(town.tx, rating) == task
    assert rating_tasks.list_of_items(town.tx, items) == {items[0]: task}
    assert rating_tasks.list_of_ratings(town.tx, [rating]) == {rating: task}
    assert not rating_tasks.close(town.tx, town.now, items[1], None), "no task"


def test_a_units_licensed_texts_are_its_own_and_can_be_taken_away(town: Town) -> None:
    texts = {"items": [{"question": "?"}]}
    for holder in ("Region A", "Region B"):
        unit_scales.keep(town.tx, town.now, town.unit, "srs", holder, date(2026, 1, 2), texts, "v1", by="staff:1")
    kept = unit_scales.find(town.tx, town.unit, "srs")
    assert kept is not None
    assert (kept.holder, kept.licensed_on, kept.texts) == ("Region B", date(2026, 1, 2), texts)
    assert unit_scales.list_of(town.tx, town.unit) == {"srs": kept}
    assert unit_scales.find(town.tx, town.unit, "ors") is None
    assert unit_scales.remove(town.tx, town.unit, "srs")
    assert not unit_scales.remove(town.tx, town.unit, "srs")
