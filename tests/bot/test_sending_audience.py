"""Who gets a message to many and who does not, in a fair order; lists of staff's own; what would be read and cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.actions import sending_many
from bot.actions.sending_many import CannotSend, Choice
from storage import activities, apart, contacts, invitations, participants, places, referrals, tables, units
from storage.db import Store
from tests.many_town import DAY, WORDS, Many
from tests.town import Town


@pytest.fixture
def many(store: Store) -> Many:
    return Many(Town(store))


def test_everybody_who_is_left_out_is_named_with_the_reason(many: Many) -> None:
    town, kim = many.town, many.person()
    elsewhere, gone, new = many.person(unit_id=None), many.person(status="exited"), many.person(status="new")
    outside, web, made_up = many.person(status="outside"), many.person("web"), many.person(made_up=True)
    stopped, blocked, resting, read = many.people(4)
    with town.store.begin() as tx:
        for who, act in ((stopped, contacts.opt_out), (blocked, contacts.block)):
            way = contacts.list_of(tx, who)[0].contact_id
            act(tx, way, town.now, *(("dött nummer",) if act is contacts.block else ()))
        participants.set_resting(tx, resting, town.now)
        participants.set_read_by_others(tx, read)
    everybody = (kim, elsewhere, gone, new, outside, web, made_up, stopped, blocked, resting, read, 17)
    plan = many.plan(Choice(text=WORDS, people=everybody))
    assert many.now(plan) == [kim, made_up], "made-up phones are for made-up people"
    assert many.why(plan) == {
        elsewhere: "elsewhere", 17: "elsewhere", gone: "exited", outside: "exited", new: "new", web: "no_way",
        stopped: "stopp", blocked: "no_way", resting: "resting", read: "read_by_others",
    }  # fmt: skip
    assert all(each.why_sv.endswith(".") for each in plan.people.left_out)
    whole = many.plan(Choice(text=WORDS))
    assert many.why(whole).keys() == many.why(plan).keys() - {elsewhere, 17, outside}


def test_made_up_people_get_nothing_for_real(many: Many) -> None:
    who = many.person("sms", made_up=True)
    real = replace(many.town.channels["sim_sms"], name="sms")  # type: ignore[type-var]
    many.town.house = replace(many.town.house, channels={**many.town.house.channels, "sms": real})
    assert many.why(many.plan(Choice(text=WORDS))) == {who: "made_up"}


def test_a_made_up_person_of_the_web_page_is_met_on_their_made_up_phone(many: Many) -> None:
    """They were left out as made up, whose SMS of the demo was open, or told of in two ways at once."""
    web, both = many.person("web", made_up=True), many.person("web", made_up=True)
    with many.town.store.begin() as tx:
        phone = contacts.create(tx, many.town.now, "sim_sms", "+46701740998", made_up=True).contact_id
        tx.execute(update(tables.contacts).where(tables.contacts.c.id == phone).values(participant_id=both))
    plan = many.plan(Choice(text=WORDS))
    assert (many.now(plan), many.why(plan)) == ([both], {web: "no_way"})


def test_one_with_protected_identity_is_a_number_to_those_who_may_not_read_them(many: Many) -> None:
    (kim, hidden) = many.people(2)
    with many.town.store.begin() as tx:
        participants.set_protected(tx, hidden)
    plan = many.plan(Choice(text=WORDS))
    assert (many.now(plan), plan.people.left_out, plan.people.hidden) == ([kim], (), 1)
    plan = many.plan(Choice(text=WORDS), readable=[hidden])
    assert (many.why(plan), plan.people.hidden) == ({hidden: "protected"}, 0)
    with many.town.store.read() as tx:
        found = sending_many.read_list(tx, many.town.house, many.unit, many.address(hidden))
    assert [each.why_sv for each in found.bad] == ["Ingen hos er har det numret."], "nor can a list find them out"


def test_who_stopped_on_one_way_gets_it_on_the_other(many: Many) -> None:
    town, kim = many.town, many.person("sim_telegram")
    with town.store.begin() as tx:
        sms = contacts.create(tx, town.now, "sim_sms", "+46701740999")
        contacts.opt_out(tx, sms.contact_id, town.now)
    plan = many.plan(Choice(text=WORDS))
    assert [(each.participant_id, each.channel) for each in plan.people.now] == [(kim, "sim_telegram")]


def test_wishes_and_language_choose_and_wishes_are_told_to_nobody(many: Many) -> None:
    work, walk, neither = many.people(3)
    english = many.person(language="en")
    with many.town.store.begin() as tx:
        for who, told in (
            (work, {"help": "work"}),
            (walk, {"meet": "walk", "help": "people"}),
            (english, {"help": "work"}),
        ):
            details = {name: {"chosen": [key], "words": "hemligt"} for name, key in told.items()}
            referrals.register(tx, many.town.now, who, many.unit.id, "self", None, "sim_sms", details, True, None)
    assert many.now(many.plan(Choice(text=WORDS, help=("work",)))) == [work, english]
    assert many.now(many.plan(Choice(text=WORDS, help=("work", "people"), meet=("walk", "ours")))) == [walk]
    assert many.now(many.plan(Choice(text=WORDS, help=("work",), languages=("sv",)))) == [work]
    assert many.now(many.plan(Choice(text=WORDS, without=(work, english)))) == [walk, neither]
    assert "hemligt" not in str(many.plan(Choice(text=WORDS, help=("work",))))


def test_who_writes_with_us_is_left_in_peace(many: Many) -> None:
    town = many.town
    phone = town.phone(address="+46701740111")
    phone.writes("hej")
    with town.store.begin() as tx:
        who = phone.standing().participant_id
        participants.set_unit(tx, who, many.unit.id)
        participants.set_status(tx, who, "referred")
    assert many.why(many.plan(Choice(text=WORDS))) == {who: "in_talk"}
    town.now += timedelta(minutes=31)
    assert many.now(many.plan(Choice(text=WORDS))) == [who]


def test_two_messages_a_week_are_enough(many: Many) -> None:
    town, kim = many.town, many.person()
    for _ in range(2):
        many.release(Choice(text=f"{WORDS} {town.now}"))
        town.later(minutes=3)
        assert len(town.rows("accepted")) == 1 + _
        town.now += DAY
    assert many.why(many.plan(Choice(text=WORDS))) == {kim: "over_budget"}
    with pytest.raises(CannotSend, match="Ingen av dem"):
        many.release(Choice(text=WORDS))


def test_those_turned_away_are_first_then_those_who_were_asked_longest_ago(many: Many) -> None:
    town = many.town
    recent, long_ago, away, never, there, week = many.people(6)
    for who, days in ((recent, 20), (long_ago, 50), (away, 10), (week, 3)):
        old = many.activity().id
        with town.store.begin() as tx:
            asked = invitations.add_many(tx, town.now - days * DAY, old, 1, None, [who])
            if who == away:
                invitations.change(tx, asked[who], state="yes", turned_away=True)
    cooking = many.activity(places=2)
    with town.store.begin() as tx:
        invitations.add_many(tx, town.now - 40 * DAY, cooking.id, 1, None, [there])
    plan = many.plan(Choice(activity_id=cooking.id))
    everybody = [each.participant_id for each in (*plan.people.now, *plan.people.later)]
    assert everybody == [away, never, long_ago, recent]
    assert [each.first for each in plan.people.now][:2] == [True, False]
    assert many.why(plan) == {there: "invited_here", week: "invited_this_week"}


def test_two_who_are_kept_apart_are_not_both_asked(many: Many) -> None:
    first, other, third = many.people(3)
    with many.town.store.begin() as tx:
        apart.add(tx, many.town.now, first, other, many.anna)
    cooking = many.activity(places=2)
    plan = many.plan(Choice(activity_id=cooking.id))
    assert many.now(plan) == [first, third]
    assert many.why(plan) == {other: "apart"}
    assert many.now(many.plan(Choice(text=WORDS))) == [first, other, third], "what everybody is told parts nobody"


# --- what is read, and what it costs ----------------------------------------------------------------------------------


def test_what_is_shown_is_what_is_read(many: Many) -> None:
    town = many.town
    town.house = replace(town.house, segment_ore=35)
    town.restart()
    many.person()
    many.person("sim_telegram")
    plan = many.plan(Choice(text=WORDS))
    assert [each.text for each in plan.previews] == [f"Ingång: {WORDS}", WORDS]
    assert ([each.segments for each in plan.previews], plan.segments, plan.ore_at_most) == ([1, 0], 1, 35)
    assert not plan.needs_two
    many.release(Choice(text=WORDS))
    town.later(minutes=2)
    phones = (town.phone("sim_sms", "+46700000000"), town.phone("sim_telegram", "10000001"))
    assert [phone.texts() for phone in phones] == [[each.text] for each in plan.previews]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("  ", "tomt"),
        ("Vi ses. " * 60, "sms per person"),
        ("Din ångest kan bli bättre. Kom på torsdag.", "ångest"),
    ],
)
def test_words_that_cannot_go_to_many_are_refused_before_anything_is_sent(many: Many, text: str, why: str) -> None:
    many.person()
    for act in (many.plan, many.release):
        with pytest.raises(CannotSend, match=why) as refused:
            act(Choice(text=text))
        assert refused.value.field == "text"
    assert many.town.rows() == []


def test_at_night_it_is_shown_as_it_will_read_in_the_morning(many: Many) -> None:
    town = many.town
    town.now = town.now.replace(hour=21)
    kim = many.person()
    tomorrow = town.now.replace(hour=17) + DAY
    cooking = many.activity(
        starts=tomorrow, ends=tomorrow + timedelta(hours=1), last_answer=tomorrow - timedelta(hours=5)
    )
    plan = many.plan(Choice(activity_id=cooking.id))
    assert plan.goes_at == town.now.replace(hour=8) + DAY
    assert (many.now(plan), "Imorgon" in plan.previews[0].text, "I dag" in plan.previews[0].text) == (
        [kim],
        False,
        True,
    )


def test_where_the_budget_is_nothing_nobody_is_written_to(many: Many) -> None:
    kim = many.person()
    many.town.house = replace(many.town.house, budget_per_week=0)
    assert many.why(many.plan(Choice(text=WORDS))) == {kim: "over_budget"}


def test_what_cannot_be_invited_to_is_refused_before_anything_is_sent(many: Many) -> None:
    town, now = many.town, many.town.now
    kim = many.person()
    with town.store.read() as tx:
        pitea = units.get_unit(tx, "pitea").id
    past = many.activity(starts=now - DAY, ends=now - DAY, last_answer=now - 2 * DAY)
    late = many.activity(last_answer=now)
    off = many.activity()
    few = many.activity(places=2)
    elsewhere = many.activity(unit_id=pitea)
    with town.store.begin() as tx:
        activities.cancel(tx, now, off.id)
        asked = invitations.add_many(tx, now, few.id, 1, None, [kim])
        assert places.take(tx, few.id, next(iter(asked.values())), 2) == 1
        activities.change(tx, now, few.id, places=0)
    for activity, why in (
        (past, "börjat"),
        (late, "Sista svarsdagen"),
        (off, "inställd"),
        (few, "har sagt ja"),
        (elsewhere, "finns inte"),
    ):
        with pytest.raises(CannotSend, match=why) as refused:
            many.release(Choice(activity_id=activity.id))
        assert refused.value.field == "activity"
    for neither in (Choice(), Choice(text=WORDS, activity_id=off.id)):
        with pytest.raises(CannotSend):
            many.plan(neither)
    with pytest.raises(CannotSend, match="Ingen av dem"):
        many.release(Choice(text=WORDS, people=(17,)))
    assert town.rows() == []


# --- a list of staff's own --------------------------------------------------------------------------------------------


def test_a_list_names_every_bad_line_and_keeps_the_good_ones(many: Many) -> None:
    kim, sam, twin, other = many.people(4)
    with many.town.store.begin() as tx:
        participants.set_profile(tx, twin, name="Alva Ek")
        participants.set_profile(tx, other, name="ALVA  ek")
    text = (
        "\ufeffnamn;telefon\n"
        f"Kim;{many.address(kim)}\n\n"
        "Någon;070-12\n"
        "kim 1\n"
        f'"Kim, Kim";070 000 00 00\n'
        "Alva Ek\n"
        "Okänd\n"
        "0701740600\n"
        "Två;0701740600;0701740601\n"
        "0929-170 00\n"
        ";;\n"
        "?!\n"
    )
    with many.town.store.read() as tx:
        found = sending_many.read_list(tx, many.town.house, many.unit, text)
    assert found.people == (kim, sam)
    assert [(each.number, each.why_sv) for each in found.bad] == [
        (4, "Det är inget telefonnummer."),
        (6, "Det är samma person som på rad 2."),
        (7, "2 personer heter så. Skriv numret i stället."),
        (8, "Ingen hos er heter så."),
        (9, "Ingen hos er har det numret."),
        (10, "Det står flera nummer på raden."),
        (11, "Numret kan inte ta emot sms."),
        (13, "Det står varken ett namn eller ett nummer här."),
    ]
    assert many.town.rows() == [], "nothing is sent until somebody asks"
    assert many.now(many.plan(Choice(text=WORDS, people=found.people))) == [kim, sam]


def test_an_endless_list_is_cut_and_says_so(many: Many) -> None:
    with many.town.store.read() as tx:
        found = sending_many.read_list(tx, many.town.house, many.unit, "x" * 600 + "\n" + "Kim\n" * 2_500)
    assert found.people == ()
    assert (found.bad[0].why_sv, found.bad[-1].number) == ("Raden är för lång.", 2_001)
