"""Group activities as people meet them: answers, places, the line, changes, the door."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from bot import conversation
from bot.channels.base import Inbound
from rules.bad_input import BadInput
from storage import attendance, contacts, invitations, participants, places
from storage.db import Store
from tests.activity_town import GroupTown, local, press
from tests.town import Phone

IN = "Tack. Då är du med tisdag 8 december kl. 14. Skriv hit om du inte kan komma."
FULL = (
    "Det blev fullt den här gången. Det var bra att du skrev. Jag frågar dig om en plats blir ledig. "
    "Erik hör av sig om nästa gång."
)
NO = "Okej. Tack för att du svarade. Du kan skriva hit om du ändrar dig."


@pytest.fixture
def town(sqlite_store: Store) -> GroupTown:
    return GroupTown(sqlite_store)


def asked(town: GroupTown, count: int = 1, **how: object) -> tuple[int, list[Phone]]:
    """An activity, and so many who have been invited and read it."""
    activity, phones = town.plans(**how), town.people(count)  # type: ignore[arg-type]
    town.invites(activity, *phones)
    for phone in phones:
        assert "Vill du komma?" in phone.new()[-1]
    return activity, phones


# --- places -----------------------------------------------------------------------------------------------------------


def test_fifty_who_say_yes_at_once_get_seven_places_and_a_line_in_their_order(store: Store) -> None:
    town = GroupTown(store)
    activity, phones = asked(town, 50)
    barrier, failed = threading.Barrier(10), []

    def answer(mine: list[Phone]) -> None:
        try:
            barrier.wait()
            for phone in mine:
                message = Inbound(phone.channel, phone.address, f"yes{phone.address}", "ja")
                report = conversation.take_turn(town.store, town.house, message, town.now)
                assert report.state == "handled"
        except Exception as error:  # noqa: BLE001  whatever it is, it failed
            failed.append(error)

    threads = [threading.Thread(target=answer, args=(phones[n::10],)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    town.send()
    told = [phone.new()[-1] for phone in phones]
    assert sorted(set(told)) == sorted({IN, FULL})
    assert told.count(IN) == 7
    with store.read() as tx:
        rows = {each.participant_id: each for each in invitations.of_activity(tx, activity)}
        assert places.count(tx, activity) == 7
    for phone, said in zip(phones, told, strict=True):
        mine = rows[phone.standing().participant_id]
        assert (mine.place is not None) == (said == IN) == (mine.waiting_since is None) == (not mine.turned_away)
    line = [each.waiting_since for each in rows.values() if each.waiting_since is not None]
    assert len(set(line)) == len(line) == 43
    assert len(town.inbox("meeting")) == 43
    # The order of the line is the order in which they were told: the places that come free go by it.
    _, first = min((each.waiting_since, each.participant_id) for each in rows.values() if each.waiting_since)
    leaver = next(phone for phone in phones if rows[phone.standing().participant_id].place)
    leaver.writes("kan inte komma på tisdag ändå")
    offered = [phone for phone in phones if phone.new()[-1:] and phone is not leaver]
    assert [phone.standing().participant_id for phone in offered] == [first]


def test_a_free_place_is_kept_for_the_first_in_line_and_goes_on_when_nobody_answers(town: GroupTown) -> None:
    activity, (kim, sam, alex, mika) = asked(town, 4, places=1)
    for phone in (kim, sam, alex):
        phone.writes("ja")
    kim.writes("nej")
    assert sam.new()[-1].startswith("Hej Sam. Nu finns en plats.")
    assert [town.stands(activity, phone) for phone in (kim, sam, alex)] == ["no", "yes held", "yes waits"]
    assert mika.writes("ja") == [FULL], "a place that is kept for somebody is nobody else's"
    town.later(days=1, hours=1)
    assert alex.new()[-1].startswith("Ingång: Hej Alex. Nu finns en plats.")
    assert sam.writes("ja")[-1].endswith(
        "Tack för att du svarade. Platsen gick till någon annan. Jag frågar dig om en plats blir ledig. "
        "Erik hör av sig om nästa gång."
    )
    assert alex.writes("1")[-1] == IN
    assert [town.stands(activity, phone) for phone in (sam, alex, mika)] == ["yes waits", "yes in", "yes waits"]
    assert town.taken(activity) == 1


def test_nobody_is_told_of_a_free_place_more_than_three_times(town: GroupTown) -> None:
    activity, (kim, sam) = asked(town, 2, places=1)
    kim.writes("ja")
    sam.writes("ja")
    kim.writes("nej")
    for _ in range(9):
        town.later(days=1, minutes=1)
    offers = [text for text in sam.texts() if "Nu finns en plats" in text]
    assert len(offers) == 3
    assert town.stands(activity, sam) == "yes waits"
    assert sam.writes("ja")[-1].endswith(IN.replace("tisdag 8 december", "tisdag")), "the place is free still"


def test_who_cannot_be_told_is_passed_over_and_stays_in_line(town: GroupTown) -> None:
    activity, (kim, sam, alex, mika) = asked(town, 4, places=1)
    for phone in (kim, sam, alex, mika):
        phone.writes("ja")
    sam.writes("stopp")
    alex.writes("jag vill dö")
    kim.writes("nej")
    assert [town.stands(activity, phone) for phone in (sam, alex, mika)] == ["yes waits", "yes waits", "yes held"]
    assert not any("plats" in text for phone in (sam, alex) for text in phone.texts()[2:])


def test_near_the_start_a_place_is_kept_for_half_of_what_is_left_and_at_last_not_offered(town: GroupTown) -> None:
    activity, (kim, sam) = asked(town, 2, starts="2026-11-23 18:00", places=1)
    kim.writes("ja")
    sam.writes("ja")
    kim.writes("nej")
    assert town.theirs(activity, sam).hold_until == local("2026-11-23 13:00")
    town.until("2026-11-23 16:30")
    kim.new()
    assert "En plats" not in kim.writes("ja")[-1]
    kim.writes("nej")
    assert town.stands(activity, sam) == "yes waits"


def test_a_place_that_comes_free_at_night_is_kept_from_the_morning(town: GroupTown) -> None:
    activity, (kim, sam) = asked(town, 2, places=1)
    kim.writes("ja")
    sam.writes("ja")
    town.until("2026-11-23 23:00")
    kim.writes("nej")
    assert sam.new() == []
    assert town.theirs(activity, sam).hold_until == local("2026-11-25 09:00")
    town.until("2026-11-24 09:01")
    assert "till i morgon kl. 9" in sam.new()[-1]


def test_more_places_go_to_those_who_wait_and_fewer_are_refused(town: GroupTown) -> None:
    activity, (kim, sam, alex) = asked(town, 3, places=2)
    for phone in (kim, sam, alex):
        phone.writes("ja")
    with pytest.raises(BadInput):
        town.changes(activity, places=1)
    assert town.there(activity).places == 2
    told = town.changes(activity, places=3)
    assert told.told == ()
    assert town.there(activity).version == 1, "more places make no answer old"
    assert alex.new()[-1].startswith("Hej Alex. Nu finns en plats.")


def test_whoever_got_no_place_is_before_staff_until_they_get_one(town: GroupTown) -> None:
    activity, (kim, sam) = asked(town, 2, places=1)
    kim.writes("ja")
    sam.writes("ja")
    note = "Sa ja till gruppen tisdag 8 december kl. 14 (lagar vi mat hos oss), men det var fullt."
    assert [item.note.startswith(note) for item in town.items(sam, "meeting") if item.note] == [True]
    with town.store.read() as tx:
        assert invitations.turned_away(tx, [sam.standing().participant_id])
    kim.writes("nej")
    sam.writes("ja")
    assert town.items(sam, "meeting") == []
    assert not town.theirs(activity, sam).turned_away


def test_a_place_with_a_leader_who_never_works_promises_nothing(town: GroupTown) -> None:
    _, (kim, sam) = asked(town, 2, places=1, leader=None)
    kim.writes("ja")
    assert sam.writes("ja") == [
        "Det blev fullt den här gången. Det var bra att du skrev. Jag frågar dig om en plats blir ledig."
    ]


# --- words ------------------------------------------------------------------------------------------------------------


def test_a_yes_never_answers_what_has_not_been_seen(town: GroupTown) -> None:
    activity, (kim,) = town.plans(), town.people(1)
    town.until("2026-11-23 20:00")
    town.invites(activity, kim)  # waits for the morning
    assert kim.new() == []
    assert IN not in kim.writes("ja")
    assert town.theirs(activity, kim).state == "asked"


def test_the_printed_option_in_words_is_an_answer_and_no_alarm(town: GroupTown) -> None:
    activity, (kim,) = asked(town)
    assert kim.writes("Ja, men det känns svårt")[-1].endswith("Ska Erik möta dig utanför? Svara JA eller INTE NU.")
    assert town.inbox("distress") == []
    assert [item.note for item in town.items(kim, "meeting")] == [
        "Kommer till gruppen tisdag 8 december kl. 14 (lagar vi mat hos oss), men det känns svårt."
    ]
    assert kim.writes("inte nu") == [IN]
    assert town.theirs(activity, kim).meet is None


def test_without_an_invitation_the_same_words_are_taken_as_seriously_as_ever(town: GroupTown) -> None:
    (kim,) = town.people(1)
    kim.writes("ja men det känns svårt")
    assert town.inbox("distress", "message") != []


def test_nobody_is_offered_a_meeting_outside_when_nobody_is_on_then(town: GroupTown) -> None:
    activity, (kim,) = asked(town, starts="2026-12-06 14:00")  # a Sunday
    (said,) = kim.writes("3")
    assert said == (
        "Tack för att du skrev det. Många tycker att första gången är svår. Du är med söndag 6 december kl. 14. "
        "Du kan ändra dig när du vill."
    )
    assert town.stands(activity, kim) == "hard in"


def test_free_words_go_to_staff_and_the_question_stays_open(town: GroupTown) -> None:
    activity, (kim,) = asked(town)
    assert kim.writes("får jag ta med min kompis dit tro") == [
        "Tack. Erik läser det du skrev. Du får svar senast i morgon kl. 16."
    ]
    (item,) = town.items(kim, "message")
    assert item.note is not None
    assert item.note.startswith("Skrev om gruppen tisdag 8 december kl. 14 (lagar vi mat hos oss).")
    assert kim.writes("ja") == [IN]
    assert town.stands(activity, kim) == "yes in"


def test_of_two_invitations_the_later_one_is_meant_unless_the_other_is_named(town: GroupTown) -> None:
    first, second = town.plans(), town.plans("2026-12-10 10:00", title="går vi ut")
    (kim,) = town.people(1)
    town.invites(first, kim)
    town.later(hours=1)
    town.invites(second, kim)
    town.later(days=1)
    assert len(kim.new()) == 2
    kim.writes("ja")
    assert town.stands(second, kim) == "yes in", "it came a day later, and is what was asked last"
    assert kim.writes("kan inte tisdag 8 december") == [NO]
    assert town.stands(first, kim) == "no"


def test_a_meeting_that_was_asked_about_later_is_what_a_yes_answers(town: GroupTown) -> None:
    activity, (kim,) = asked(town)
    town.until("2026-11-24 10:00")
    meeting = town.books(kim, "2026-11-27 13:30")
    kim.writes("ja")
    assert town.stands(activity, kim) == "asked"
    assert town.meeting(meeting).answer == "yes"
    assert kim.writes("kanske")[-1].startswith("Tack. Då vet vi att du kanske kommer."), "only the group has a maybe"


def test_when_both_ask_together_the_person_is_asked_which(town: GroupTown) -> None:
    activity, (kim,) = asked(town)
    meeting = town.books(kim, "2026-11-27 13:30")
    assert kim.writes("ja")[-1] == (
        "Jag har frågat om flera tider. Vilken menar du?\n1 tisdag 8 december kl. 14\n"
        "2 fredag 27 november kl. 13.30, Anna"
    )
    assert kim.writes("fredag")[-1].startswith("Tack. Då gäller fredag kl. 13.30.")
    assert (town.meeting(meeting).answer, town.stands(activity, kim)) == ("yes", "asked")
    assert kim.writes("1") == [IN], "a number is of the invitation: the meeting showed none"


def test_an_answer_comes_before_the_question_of_an_open_talk_that_was_put_earlier(town: GroupTown) -> None:
    activity, (kim,) = town.plans(), town.people(1)
    kim.writes("promenad")
    town.later(minutes=45)
    town.invites(activity, kim)
    assert kim.writes("ja")[-1] == IN
    assert kim.writes("2") != []
    assert town.stands(activity, kim) == "yes in"
    talk = kim.standing().talk
    assert talk is not None
    assert talk.flow == "walk_and_talk"


def test_a_mind_that_changes_is_heard_while_the_activity_is_ahead(town: GroupTown) -> None:
    activity, (kim,) = asked(town)
    kim.writes("ja")
    town.later(days=3)
    kim.writes("kan inte komma på tisdag ändå")
    assert town.stands(activity, kim) == "no"
    town.later(days=1)
    kim.writes("jag kommer ändå")
    assert town.stands(activity, kim) == "yes in"
    kim.writes("tack")
    assert town.stands(activity, kim) == "yes in"
    town.until("2026-12-08 18:00")
    kim.writes("nej")
    assert town.stands(activity, kim) == "yes in"


# --- buttons ----------------------------------------------------------------------------------------------------------


def test_a_button_counts_in_every_state_and_an_old_one_gets_what_holds_now(town: GroupTown) -> None:
    activity, (kim,) = town.plans(), town.people(1, "sim_telegram")
    (row,) = town.invites(activity, kim).values()
    kim.writes("promenad")
    assert press(kim, row, 1, "yes") == [IN]
    town.changes(activity, starts=local("2026-12-09 15:00"), ends=local("2026-12-09 17:00"))
    assert town.stands(activity, kim) == "asked held"
    kim.new()
    assert press(kim, row, 1, "yes") == ["Det är ändrat. Onsdag 9 december kl. 15 lagar vi mat hos oss. Vill du komma?"]
    assert town.stands(activity, kim) == "asked held"
    assert kim.presses("Ja")[-1].startswith("Tack. Då är du med onsdag 9 december kl. 15.")
    assert town.stands(activity, kim) == "yes in"


def test_a_button_of_somebody_elses_invitation_does_nothing(town: GroupTown) -> None:
    activity, (kim, sam) = asked(town, 2)
    row = town.theirs(activity, kim).id
    assert press(sam, row, 1, "yes")[-1].startswith("Tack för att du svarade. Den frågan gäller inte längre.")
    assert [town.stands(activity, phone) for phone in (kim, sam)] == ["asked", "asked"]


def test_an_invitation_that_waited_while_the_activity_moved_says_what_holds_with_buttons_that_count(
    town: GroupTown,
) -> None:
    activity, (kim,) = town.plans(), town.people(1, "sim_telegram")
    town.until("2026-11-23 20:00")
    town.invites(activity, kim)
    town.changes(activity, starts=local("2026-12-09 15:00"), ends=local("2026-12-09 17:00"))
    town.until("2026-11-24 09:01")
    assert [text.startswith("Hej Kim! Onsdag 9 december kl. 15") for text in kim.new()] == [True]
    kim.presses("Ja")
    assert town.stands(activity, kim) == "yes in"


# --- moved, called off ------------------------------------------------------------------------------------------------


def test_a_move_is_told_and_asked_anew_and_places_are_kept_until_the_last_day(town: GroupTown) -> None:
    activity, (kim, sam, alex, mika) = asked(town, 4, places=2)
    kim.writes("ja")
    sam.writes("ja")
    alex.writes("ja")
    mika.writes("nej")
    told = town.changes(activity, starts=local("2026-12-09 15:00"), ends=local("2026-12-09 17:00"))
    assert set(told.told) == {phone.standing().participant_id for phone in (kim, sam, alex)}
    for phone in (kim, sam, alex):
        assert "Onsdag 9 december kl. 15" in phone.new()[-1]
    assert mika.new() == []
    assert [town.stands(activity, each) for each in (kim, sam, alex)] == ["asked held", "asked held", "asked waits"]
    alex.writes("ja")
    assert town.stands(activity, alex) == "yes waits"
    kim.writes("ja")
    town.until("2026-12-04 17:01")  # the last day to answer: Sam has not
    assert [town.stands(activity, each) for each in (kim, sam, alex)] == ["yes in", "asked", "yes held"]
    assert "Nu finns en plats" in alex.new()[-1]


def test_a_place_kept_since_a_move_stays_when_nobody_waits(town: GroupTown) -> None:
    activity, (kim,) = asked(town)
    kim.writes("ja")
    town.changes(activity, starts=local("2026-12-09 15:00"), ends=local("2026-12-09 17:00"))
    town.until("2026-12-05 10:00")
    assert town.stands(activity, kim) == "asked in"
    town.until("2026-12-08 17:05")
    assert "Vill du komma?" in kim.texts()[-1]
    kim.writes("ja")
    assert town.stands(activity, kim) == "yes in"


def test_called_off_is_told_to_everyone_but_those_who_said_no(town: GroupTown) -> None:
    activity, (kim, sam, alex, mika) = asked(town, 4)
    kim.writes("ja")
    sam.writes("nej")
    mika.writes("ja")
    mika.writes("stopp")
    late = town.people(1)[0]
    with town.store.begin() as tx:
        invitations.add_many(tx, town.now, activity, 2, None, [late.standing().participant_id])
    told = town.calls_off(activity)
    word = "Träffen tisdag 8 december kl. 14 blir inte av. Det beror inte på dig. Du kan skriva hit när du vill."
    assert kim.new()[-1] == f"Hej Kim. {word}"
    assert alex.new()[-1] == f"Hej Alex. {word}"
    assert sam.new() == []
    assert late.new() == []
    assert told.unreached == (mika.standing().participant_id,)
    assert "inget av våra meddelanden når personen. Ring." in (town.items(mika, "meeting")[-1].note or "")
    assert town.taken(activity) == 0
    assert kim.writes("ja") == [
        "Tack för att du svarade. Träffen tisdag 8 december kl. 14 blir inte av. Det beror inte på dig."
    ]
    town.until("2026-12-10 12:00")
    assert kim.new() == []


def test_what_is_queued_of_an_invitation_goes_no_further_when_it_is_called_off(town: GroupTown) -> None:
    activity, (kim,) = town.plans(), town.people(1)
    town.until("2026-11-23 20:00")
    town.invites(activity, kim)
    town.calls_off(activity)
    town.until("2026-11-24 12:00")
    assert kim.new() == []
    assert [row.state for row in town.rows()][-1] == "cancelled"


def test_staff_take_an_invitation_back_and_the_next_gets_the_place(town: GroupTown) -> None:
    from bot.actions import activities as acts

    activity, (kim, sam) = asked(town, 2, places=1)
    kim.writes("ja")
    sam.writes("ja")
    with town.store.begin() as tx:
        assert acts.take_back(tx, town.house, town.theirs(activity, kim).id, town.now)
    town.send()
    assert town.stands(activity, sam) == "yes held"
    assert kim.writes("ja") != [IN]


# --- who reads --------------------------------------------------------------------------------------------------------


def test_where_another_reads_the_phone_nothing_is_said_of_what_or_where_or_who(town: GroupTown) -> None:
    activity, (kim,) = asked(town, where="Skutan")
    kim.writes("ja")
    town.protects(kim, read_by_others=True)
    town.changes(activity, starts=local("2026-12-09 15:00"), ends=local("2026-12-09 17:00"))
    kim.writes("3")
    kim.writes("ja")
    town.until("2026-12-08 17:05")
    for text in kim.texts()[2:]:
        assert not any(word in text for word in ("lagar", "Skutan", "Erik", "Anna", "fem personer")), text


def test_who_is_protected_gets_nothing_more(town: GroupTown) -> None:
    activity, (kim,) = asked(town)
    kim.writes("ja")
    town.protects(kim, protected=True)
    kim.new()
    told = town.changes(activity, starts=local("2026-12-09 15:00"), ends=local("2026-12-09 17:00"))
    assert told.unreached == (kim.standing().participant_id,)
    town.until("2026-12-10 12:00")
    assert kim.new() == []


# --- the door ---------------------------------------------------------------------------------------------------------


def test_the_code_at_the_door_notes_who_is_there(town: GroupTown) -> None:
    activity, (kim, sam) = asked(town, 2)
    kim.writes("ja")
    sam.writes("nej")
    code = town.there(activity).code
    assert kim.writes(f"här {code}")[-1].startswith("Den koden stämmer inte i dag.")
    town.until("2026-12-08 12:00")
    assert kim.writes(f"här {code}")[-1].endswith("Det börjar i dag kl. 14. Skriv koden en gång till när du är här.")
    town.until("2026-12-08 14:20")
    wrong = "1000" if code != "1000" else "1001"
    assert kim.writes(f"här {wrong}")[-1].endswith("Säg till någon av oss som är här.")
    assert kim.writes(f"Här {code}!")[-1].endswith("jag har skrivit att du är här.")
    assert sam.writes(f"/start har_{code}")[-1].endswith("jag har skrivit att du är här."), "a no is no bar at the door"
    (stranger,) = town.people(1)
    assert stranger.writes(f"här {code}")[-1].endswith("Säg till någon av oss som är här.")
    with town.store.read() as tx:
        noted = {each.participant_id: each for each in attendance.of_activities(tx, [activity])}
    assert set(noted) == {kim.standing().participant_id, sam.standing().participant_id}
    mine = noted[kim.standing().participant_id]
    assert (mine.present, mine.how, mine.noted_by, mine.quarters) == (True, "self", None, 7)


def test_what_staff_noted_stands_whatever_code_is_written(town: GroupTown) -> None:
    activity, (kim,) = asked(town)
    kim.writes("ja")
    town.until("2026-12-08 14:10")
    town.notes_attendance(activity, kim, present=False)
    kim.writes(f"här {town.there(activity).code}")
    with town.store.read() as tx:
        found = attendance.find(tx, activity, kim.standing().participant_id)
    assert found is not None
    assert (found.present, found.how) == (False, "staff")


def test_the_code_counts_in_the_middle_of_a_talk(town: GroupTown) -> None:
    activity, (kim,) = asked(town)
    town.until("2026-12-08 13:30")
    kim.writes("promenad")
    assert kim.writes(f"här {town.there(activity).code}")[-1].endswith("jag har skrivit att du är här.")
    talk = kim.standing().talk
    assert talk is not None
    assert talk.flow == "walk_and_talk"


def test_a_late_answer_is_told_that_it_has_begun(town: GroupTown) -> None:
    activity, (kim,) = asked(town)
    row = town.theirs(activity, kim).id
    town.now = local("2026-12-08 14:05") + timedelta()
    assert press(kim, row, 1, "yes")[-1].endswith("Det har redan börjat. Jag säger till Erik att du skrev.")
    assert town.stands(activity, kim) == "asked"


def test_a_name_alone_reaches_the_texts(town: GroupTown) -> None:
    """Nothing of why they are in touch, of their wishes, or of anybody else stands in what goes out."""
    _, phones = asked(town, 3, places=2)
    with town.store.begin() as tx:
        for phone in phones:
            participants.set_profile(tx, contacts.get(tx, phone.standing().contact_id).participant_id, help=["people"])
    for phone in phones:
        phone.writes("ja")
    phones[0].writes("nej")
    names = {"Kim", "Sam", "Alex"}
    for phone, own in zip(phones, ("Kim", "Sam", "Alex"), strict=True):
        for text in phone.texts():
            assert not any(other in text for other in names - {own}), text
