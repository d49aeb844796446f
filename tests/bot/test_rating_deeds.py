"""What pages do with ratings: a filled-in form, words that are an alarm, a task that is closed, one's own curve."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.actions import rating_deeds
from bot.actions.rating_deeds import AlreadyGiven, BadItem
from storage import appointments, inbox, participants, rating_links, rating_tasks, ratings, unit_scales, units
from storage.inbox import Item
from storage.ratings import Rating
from tests.bot.test_session_feedback import came, chooses, held, marks_person, rating_of
from tests.meeting_town import MeetingTown, at
from tests.town import Phone

ASK_MORE = {
    "test_a_change_is_counted_from_the_first_of_the_same_form",
    "test_what_is_sent_or_declined_or_too_old_cannot_be_given_again",
}
"""The tests that put to the database what no test of another file does."""
pytestmark = pytest.mark.few_on_postgres(only=ASK_MORE)

GOOD: Mapping[str, float | None] = {"relation": 7.5, "goals": 8.0, "approach": 9.0, "overall": 10.0}


@pytest.fixture
def town(meeting_town: MeetingTown) -> MeetingTown:
    return meeting_town


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def asked(town: MeetingTown, kim: Phone) -> int:
    """A session that was asked about just now; the rating's id."""
    meeting = held(town, kim)
    came(town, kim)
    return rating_of(town, meeting).id


def gives(
    town: MeetingTown,
    rating: int,
    items: Mapping[str, float | None] = GOOD,
    comment: str | None = None,
    mode: str = "page",
) -> Rating:
    with town.store.begin() as tx:
        given = rating_deeds.give(tx, town.house, rating, items, comment, mode, town.now)
    town.send()
    return given


def closes(town: MeetingTown, item: Item, words: str | None) -> bool:
    with town.store.begin() as tx:
        return rating_deeds.closed(tx, town.house, item.id, words, None, town.now)


# --- a form -----------------------------------------------------------------------------------------------------------


def test_a_page_is_scored_as_lines_and_ends_the_talk(town: MeetingTown, kim: Phone) -> None:
    rating = asked(town, kim)
    given = gives(town, rating)
    assert (given.state, given.total, given.form, given.mode) == ("answered", 34.5, "line", "page")
    assert came(town, kim, days=1) == [], "no nudge"
    assert kim.writes("ja") == ["Ingång: Tack. Vi har redan fått dina svar om den träffen. Du behöver inte svara igen."]
    assert kim.writes("ja") != [], "and the next word is about something else"


@pytest.mark.parametrize("items", [{"relation": 10.1}, {"relation": -0.1}, {"relation": 7.55}, {"another": 5.0}])
def test_what_the_scale_has_not_is_refused_and_nothing_kept(
    town: MeetingTown, kim: Phone, items: dict[str, float]
) -> None:
    rating = asked(town, kim)
    with pytest.raises(BadItem):
        gives(town, rating, items, "hej")
    with town.store.read() as tx:
        kept = ratings.find(tx, rating)
    assert kept is not None
    assert (kept.state, kept.items, kept.comment) == ("asked", {}, None)


def test_a_page_takes_the_place_of_the_chat_and_says_so_by_its_mode(town: MeetingTown, kim: Phone) -> None:
    rating = asked(town, kim)
    kim.writes("ja")
    kim.writes("2")
    given = gives(town, rating, {"relation": None, "goals": 8.0, "approach": 9.0, "overall": 10.0})
    assert (given.state, given.total, given.items["relation"], given.mode) == ("partly", None, None, "page")


def test_words_alone_leave_what_was_answered_in_the_chat(town: MeetingTown, kim: Phone) -> None:
    rating = asked(town, kim)
    kim.writes("ja")
    kim.writes("2")
    given = gives(town, rating, dict.fromkeys(GOOD), "kortare nästa gång")
    assert (given.items, given.comment, given.mode, given.low) == ({"relation": 2.0}, "kortare nästa gång", "sms", 1)


def test_what_is_sent_or_declined_or_too_old_cannot_be_given_again(town: MeetingTown, kim: Phone) -> None:
    rating = asked(town, kim)
    gives(town, rating)
    with pytest.raises(AlreadyGiven, match="answered"):
        gives(town, rating)
    leo = town.signed_up(address="+46701740606", name="Leo")
    second = held(town, leo, "2026-11-24 11:30", "2026-11-24 10:30")
    came(town, leo)
    leo.writes("nej")
    with pytest.raises(AlreadyGiven, match="declined"):
        gives(town, rating_of(town, second).id)
    mia = town.signed_up(address="+46701740607", name="Mia")
    third = held(town, mia, "2026-11-25 11:30", "2026-11-25 10:30")
    came(town, mia)
    town.now += timedelta(days=8)  # the sweep has not come yet
    with pytest.raises(AlreadyGiven, match="expired"):
        gives(town, rating_of(town, third).id)


def test_what_was_answered_in_the_chat_shuts_the_page(town: MeetingTown, kim: Phone) -> None:
    rating = asked(town, kim)
    for text in ("ja", "8", "8", "8", "8"):
        kim.writes(text)
    with pytest.raises(AlreadyGiven):
        gives(town, rating)
    assert kim.writes("nej") == ["Tack. Du kan skriva hit när du vill."]


def test_a_change_is_counted_from_the_first_of_the_same_form(town: MeetingTown, kim: Phone) -> None:
    first = gives(town, asked(town, kim))
    meeting = held(town, kim, "2026-11-30 14:30", "2026-11-30 13:30")
    came(town, kim)
    for text in ("ja", "8", "8", "8", "8", "nej"):
        kim.writes(text)
    third = held(town, kim, "2026-12-07 14:30", "2026-12-07 13:30")
    came(town, kim)
    lines = gives(town, rating_of(town, third).id)
    assert (first.first_total, rating_of(town, meeting).first_total, lines.first_total) == (None, None, 34.5)


# --- words that are an alarm ------------------------------------------------------------------------------------------


def test_distress_on_a_page_gets_the_answer_item_and_alarm_of_a_chat(town: MeetingTown, kim: Phone) -> None:
    rating = asked(town, kim)
    gives(town, rating, comment="orkar inte leva längre")
    said = kim.new()
    assert "Ring 112 om du är i fara." in said[0]
    assert said[1].startswith("Jag har larmat Anna och Erik.")
    (item,) = town.items(kim)
    assert (item.kind, item.note) == ("distress", "orkar inte leva längre")
    town.later(minutes=1)
    assert town.device("anna")
    assert kim.standing().resting_since is not None


def test_violence_on_a_page_takes_the_neutral_road(town: MeetingTown, kim: Phone) -> None:
    gives(town, asked(town, kim), comment="min pojkvän slår mig")
    (said,) = kim.new()
    assert "Ska vi skriva här?" in said
    assert [item.kind for item in town.items(kim)] == ["violence"]
    assert kim.writes("ja")


def test_stopp_on_a_page_stops(town: MeetingTown, kim: Phone) -> None:
    gives(town, asked(town, kim), comment="sluta skriv till mig")
    assert kim.standing().opted_out_at is not None


def test_distress_of_one_whom_nobody_can_write_to_alarms_all_the_same(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, "2026-11-23 13:30")
    town.until("2026-11-23 14:30")
    with town.store.begin() as tx:
        somebody, _ = participants.create(tx, town.now)
        unit = units.get_unit(tx, "alvsbyn")
        participants.set_unit(tx, somebody, unit.id)
        wanted = ratings.Wanted(
            somebody, unit.id, None, "after", "egna_efter", "1", "own", town.now + timedelta(days=1), "paper"
        )
        rating = ratings.ask(tx, town.now, wanted)
    assert meeting
    assert rating is not None
    gives(town, rating, comment="vill inte leva", mode="paper")
    assert [item.kind for item in town.inbox("distress")] == ["distress"]
    town.later(minutes=1)
    assert town.device("anna")


# --- what came of it --------------------------------------------------------------------------------------------------


def task(town: MeetingTown, kim: Phone, comment: str = "gå en kortare väg") -> Item:
    gives(town, asked(town, kim), comment=comment)
    (item,) = town.items(kim, "rating")
    return item


def test_closing_asks_the_person_when_the_budget_lets_it(town: MeetingTown, kim: Phone) -> None:
    item = task(town, kim)
    assert closes(town, item, "Vi går en kortare runda.")
    assert town.items(kim, "rating") == []
    assert came(town, kim, hours=1) == [], "one message of ours a day"
    (question,) = came(town, kim, days=1)
    assert question.endswith("Vi har gjort något åt det. Vill du veta vad? Svara JA eller NEJ.")
    assert "kortare" not in question
    assert kim.writes("ja") == ["Vi går en kortare runda."]
    (row,) = [row for row in town.rows() if row.author == "staff"]
    assert row.kind == "staff"
    with town.store.read() as tx:
        told = rating_tasks.find(tx, item.id)
    assert told is not None
    assert told.told == "told"
    assert not closes(town, item, "en gång till")


def test_with_nothing_to_tell_nobody_is_asked(town: MeetingTown, kim: Phone) -> None:
    assert closes(town, task(town, kim), "  ")
    assert came(town, kim, days=3) == []


def test_a_no_is_kept(town: MeetingTown, kim: Phone) -> None:
    item = task(town, kim)
    closes(town, item, "Vi går en kortare runda.")
    came(town, kim, days=1)
    assert kim.writes("nej") == ["Okej. Du kan skriva hit när du vill."]
    with town.store.read() as tx:
        told = rating_tasks.find(tx, item.id)
    assert told is not None
    assert told.told == "declined"


def test_after_stopp_they_are_not_asked(town: MeetingTown, kim: Phone) -> None:
    item = task(town, kim)
    kim.writes("STOPP")
    kim.new()
    closes(town, item, "Vi går en kortare runda.")
    assert came(town, kim, days=2) == []


# --- scales and the curve ---------------------------------------------------------------------------------------------


def test_a_unit_with_licensed_texts_asks_those_and_one_without_the_programs_own(town: MeetingTown) -> None:
    chooses(town, after_scale="srs", before_scale="ors")
    with town.store.begin() as tx:
        unit = units.get_unit(tx, "alvsbyn")
        assert rating_deeds.scale_for(tx, town.house, unit, "after").slug == "egna_efter"
        words = {"question": "Påhittad fråga", "low": "lågt", "high": "högt"}
        texts = {"items": dict.fromkeys(town.house.scales["srs"].keys, words)}
        unit_scales.keep(
            tx, town.now, unit.id, "srs", "Älvsbyns kommun", at("2026-01-02 00:00").date(), texts, "v1", by="os:test"
        )
        scale = rating_deeds.scale_for(tx, town.house, unit, "after")
        assert (scale.slug, scale.instrument, scale.version, scale.items[0].question) == (
            "srs",
            "SRS",
            "v1",
            "Påhittad fråga",
        )
        assert rating_deeds.scale_for(tx, town.house, unit, "before").slug == "egna_fore"


def test_the_curve_is_a_link_for_half_an_hour(town: MeetingTown, kim: Phone) -> None:
    assert kim.writes("min kurva")[0].endswith("Den börjar när du har svarat på frågor om en träff.")
    gives(town, asked(town, kim))
    (said,) = kim.writes("visa min kurva")
    token = said.split("/d/")[1].split()[0]
    with town.store.begin() as tx:
        found = rating_links.find(tx, token, town.now)
        assert found is not None
        assert (found.purpose, found.participant_id, found.rating_id) == ("curve", kim.standing().participant_id, None)
        assert rating_links.find(tx, token, town.now + timedelta(minutes=30)) is None


def test_a_rating_that_ran_out_leaves_no_open_talk(town: MeetingTown, kim: Phone) -> None:
    rating = asked(town, kim)
    town.later(days=8)
    kim.new()
    assert "för sent" in kim.writes("ja")[0]
    with town.store.read() as tx:
        found = ratings.find(tx, rating)
        assert found is not None
        assert found.state == "expired"
        assert appointments.get(tx, found.appointment_id or 0).outcome == "attended"
        assert inbox.open_kinds(tx, kim.standing().participant_id) == set()


def test_protected_identity_has_no_curve(town: MeetingTown, kim: Phone) -> None:
    gives(town, asked(town, kim))
    marks_person(town, kim, read_by_others=True)
    assert kim.writes("min kurva") == ["Det visar vi dig när vi ses. Fråga den du träffar hos oss."]
