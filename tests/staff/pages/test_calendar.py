"""The calendar's pages: a week at a glance, booking and moving by form, and what happens when two are at it."""

from __future__ import annotations

import re
from datetime import UTC, date

import pytest

from rules.roster import Absence
from staff import meetings
from storage import named_readers, participants, roster, staff, units
from tests.counting import counted
from tests.meeting_town import NEXT_WEEK, OPERATOR, MeetingTown, at
from tests.staff.pages.conftest import Browser, Rooms
from tests.town import Phone

ASK_MORE = {
    "test_a_clash_is_named",
    "test_feed_can_be_switched_off",
    "test_feed_is_made_renewed_and_switched_off_by_its_owner",
    "test_ones_own_times_are_changed_and_anothers_only_by_who_plans",
    "test_what_pages_do_is_what_the_desk_does",
}
"""The tests that put to the database what no test of another file does."""
pytestmark = pytest.mark.few_on_postgres(only=ASK_MORE)

WEEK = "/personal/kalender?vecka=2026-V48&vems=enhet"
BOOK = "/personal/kalender/boka"


@pytest.fixture
def town(rooms: Rooms) -> MeetingTown:
    return rooms.town


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up()


def who(kim: Phone) -> int:
    return kim.standing().participant_id


def text_of(page: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def field(page: str, name: str) -> str:
    """What stands in a field of a form."""
    found = re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def filled(kim: Phone, **fields: str) -> dict[str, str]:
    usual = {"day": "2026-11-26", "clock": "13:30", "minutes": "40", "form": "walk_and_talk", "place": "skutan"}
    return {"person": str(who(kim)), **usual, **fields}


def books(browser: Browser, fields: dict[str, str]) -> str:
    """Fill in the form, look at what it does, and press the button."""
    browser.fill(BOOK, {**fields, "steg": "visa"}, on=f"{BOOK}?person={fields['person']}")
    seen = field(browser.page, "sett")
    return browser.fill(BOOK, {**fields, "steg": "spara", "sett": seen}).text


# --- a week and a day -------------------------------------------------------------------------------------------------


def test_week_shows_how_each_meeting_stands_in_word_and_sign(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    sam = town.signed_up(address="+46701740699", name="<b>Sam</b>")
    town.books(kim, "2026-11-24 10:00", place="skutan")
    kim.writes("ja")
    town.books(sam, "2026-11-25 13:00", form="phone", member="Erik")
    page = rooms.logged_in().see(WEEK)
    words = text_of(page)
    assert "10.00-10.40 Kim promenad · Skutan · med Anna ✓ bekräftad" in words
    assert "13.00-13.40 &lt;b&gt;Sam&lt;/b&gt; telefon · med Erik ? inte svarat" in words
    assert "✓ 1 bekräftad" in words
    assert "23-29 november 2026" in words
    assert "Nu, kl. 10" in words
    assert len(page.encode()) < 100_000
    own = text_of(rooms.logged_in("Erik").see("/personal/kalender?vecka=2026-V48"))
    assert "Sam" in own
    assert "Kim" not in own


def test_days_are_walked_with_links_alone(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    town.books(kim)
    browser = rooms.logged_in()
    page = browser.see("/personal/kalender?dag=2026-11-26")
    assert "Kim" in page
    assert 'href="/personal/kalender?dag=2026-11-25"' in page
    assert 'href="/personal/kalender?dag=2026-11-27"' in page
    assert 'href="/personal/kalender?vecka=2026-V48"' in page
    assert "Vecka 53" in browser.see("/personal/kalender?vecka=2026-V53")
    assert "28 december 2026 - 3 januari 2027" in browser.see("/personal/kalender?vecka=2026-V53")
    for nonsense in ("?vecka=x", "?vecka=9999-V60", "?dag=2026-02-31", "?vecka=%00", "?vems=alla", "?dag=" + "9" * 999):
        browser.see(f"/personal/kalender{nonsense}")


def test_red_and_closed_days_are_told(rooms: Rooms, town: MeetingTown) -> None:
    with town.store.begin() as tx:
        roster.add_exception(tx, units.get_unit(tx, "alvsbyn").id, Absence(date(2026, 12, 22)))
    words = text_of(rooms.logged_in().see("/personal/kalender?vecka=2026-V52"))
    assert "Stängt" in words
    assert "Röd dag: julafton" in words
    assert "Du har inga möten den veckan." in words


def test_foreign_unit_is_not_there(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    sara = rooms.logged_in("Sara")
    assert "Kim" not in sara.see(WEEK)
    sara.see("/personal/kalender?vems=enhet&enhet=alvsbyn", 404)
    sara.see(f"/personal/mote/{meeting}", 404)
    sara.see(f"/personal/mote/{meeting}/flytta", 404)
    sara.see(f"{BOOK}?person={who(kim)}", 404)
    sara.see(f"{BOOK}?person=abc", 404)
    sara.see("/personal/kalender/sjuk?medarbetare=" + str(rooms.member("Anna")), 404)
    for deed in ("flytta", "avboka", "hur"):
        answer = sara.fill(f"/personal/mote/{meeting}/{deed}", {"outcome": "missed"}, on="/personal/kalender")
        assert answer.status_code == 404
    assert sara.fill(BOOK, filled(kim), on="/personal/kalender").status_code == 404
    assert town.meeting(meeting).version == 1


def test_reader_looks_and_changes_nothing(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    reader = rooms.logged_in("Erik", "lasare")
    assert "Kim" in reader.see(WEEK)
    page = reader.see(f"/personal/mote/{meeting}")
    assert "Flytta eller ändra" not in page
    reader.see(f"/personal/mote/{meeting}/flytta", 404)
    reader.see(f"{BOOK}?person={who(kim)}", 404)


def test_week_takes_as_many_questions_however_much_is_in_it(rooms: Rooms, town: MeetingTown) -> None:
    browser = rooms.logged_in()

    def questions() -> int:
        browser.see(WEEK)
        with counted() as asked:
            browser.see(WEEK)
        return len(asked)

    for number in range(2):
        note = "x" if number else None  # one of each sort: a note's key opens its person's name as well
        town.books(town.signed_up(address=f"+4670174061{number}"), f"2026-11-25 {10 + number}:00", note=note)
    few = questions()
    for number in range(8):
        phone = town.signed_up(address=f"+467017406{20 + number}")
        town.books(phone, f"2026-11-{24 + number % 4} {9 + number // 2:02}:{30 * (number % 2):02}", member="Erik")
    assert questions() == few


# --- booking ----------------------------------------------------------------------------------------------------------


def test_meeting_is_booked_after_one_has_seen_what_goes_out(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    browser = rooms.logged_in()
    form = browser.see(f"{BOOK}?person={who(kim)}")
    assert "Boka med Kim" in form
    free = re.findall(r'name="tid" value="([^"]+)"', form)
    assert len(free) == 6
    shown = browser.fill(BOOK, filled(kim, tid=free[0], note="ring porttelefonen"))
    words = text_of(shown.text)
    assert "Vad kommer Kim att få?" in words
    assert "Passar det? Svara JA, NEJ eller BYT." in words
    assert "ring porttelefonen" in shown.text
    assert "/d/" not in words
    assert town.meetings(kim) == []
    fields = filled(kim, day=field(shown.text, "day"), clock=field(shown.text, "clock"), note="ring porttelefonen",
                    member=str(rooms.member("Anna")))  # fmt: skip
    done = browser.fill(BOOK, {**fields, "steg": "spara", "sett": field(shown.text, "sett")})
    assert "Mötet är bokat." in done.text
    assert "inte svarat" in done.text
    (meeting,) = town.meetings(kim)
    assert str(done.url).endswith(f"/personal/mote/{meeting.id}")
    town.send()
    assert len(kim.new()) == 1
    again = browser.fill(BOOK, {**fields, "steg": "spara", "sett": field(shown.text, "sett")}, on="/personal/kalender")
    assert "Mötet är bokat." in again.text
    assert len(town.meetings(kim)) == 1


def test_what_was_changed_after_it_was_shown_is_shown_again(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    browser = rooms.logged_in()
    browser.fill(BOOK, filled(kim), on=f"{BOOK}?person={who(kim)}")
    seen = field(browser.page, "sett")
    answer = browser.fill(BOOK, filled(kim, clock="14:30", steg="spara", sett=seen))
    assert "Inget är sparat än." in answer.text
    assert "14.30" in answer.text
    assert town.meetings(kim) == []


def test_time_in_words_is_read_back(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    browser = rooms.logged_in()
    answer = browser.fill(BOOK, filled(kim, when="tors 14", day="", clock=""), on=f"{BOOK}?person={who(kim)}")
    assert "Läst som torsdag 26 november kl. 14." in answer.text
    assert (field(answer.text, "day"), field(answer.text, "clock")) == ("2026-11-26", "14:00")
    answer = browser.fill(BOOK, filled(kim, when="nästa vecka efter lunch"))
    assert answer.status_code == 422
    assert "Skriv ett klockslag också" in answer.text


@pytest.mark.parametrize(("fields", "words"), [
    ({"day": "", "clock": ""}, "Skriv när ni ska ses."),
    ({"when": "xyz"}, "Tiden gick inte att läsa."),
    ({"day": "2026-11-22"}, "Tiden har redan varit."),
    ({"clock": "08:00"}, "Enhetens möten är mellan kl. 09.00 och 17.00."),
    ({"minutes": "4"}, "Skriv längden i minuter"),
    ({"form": "picknick"}, "Formen picknick finns inte."),
    ({"place": "ishallen"}, "Enheten har ingen plats ishallen."),
    ({"member": "1"}, "Ingen medarbetare som arbetar nu är 1."),
    ({"note": "x" * 501}, "Det här är 501 tecken."),
])  # fmt: skip
def test_faults_stand_beside_their_field_and_nothing_is_lost(
    rooms: Rooms, town: MeetingTown, kim: Phone, fields: dict[str, str], words: str
) -> None:
    kept = "note" if "place" in fields else "where"
    sent = filled(kim, **{kept: "vid <i>porten</i>"}, **fields)
    answer = rooms.logged_in().fill(BOOK, sent, on=f"{BOOK}?person={who(kim)}")
    assert answer.status_code == 422
    assert words in text_of(answer.text)
    assert "ingang " not in answer.text
    assert "--" not in text_of(answer.text)
    assert "vid &lt;i&gt;porten&lt;/i&gt;" in answer.text
    assert town.meetings(kim) == []


def test_a_clash_is_named(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    town.books(town.signed_up(address="+46701740699", name="Sam"))
    answer = rooms.logged_in().fill(BOOK, filled(kim), on=f"{BOOK}?person={who(kim)}")
    assert answer.status_code == 422
    assert "Anna är redan upptagen då, restid medräknad: ett möte 13.30-14.10." in answer.text
    assert "Sam" not in answer.text


def test_protected_person_is_not_booked_here(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, place="skutan", note="hemligt")
    with town.store.begin() as tx:
        participants.set_protected(tx, who(kim))
    browser = rooms.logged_in()
    assert "skyddade uppgifter" in browser.see(f"{BOOK}?person={who(kim)}", 409)
    page = browser.see(f"/personal/mote/{meeting}")
    for word in ("Kim", "Skutan", "hemligt", f"deltagare/{who(kim)}", "Flytta eller ändra"):
        assert word not in page
    for deed in ("flytta", "avboka"):
        assert "hemligt" not in browser.see(f"/personal/mote/{meeting}/{deed}", 409)
        refused = browser.fill(f"/personal/mote/{meeting}/{deed}", {"version": "1"}, on="/personal/kalender")
        assert refused.status_code == 409
        assert "Det här mötet är för namngivna läsare." in refused.text
    assert town.meeting(meeting).state == "booked"
    assert "Kim" not in browser.see(WEEK)
    with town.store.begin() as tx:
        named_readers.add(tx, town.now, who(kim), rooms.member("Anna"))
    for path in (WEEK, f"/personal/mote/{meeting}", f"{BOOK}?person={who(kim)}", f"/personal/mote/{meeting}/flytta"):
        assert "Kim" in browser.see(path) or path.endswith("flytta")
    assert "hemligt" in browser.see(f"/personal/mote/{meeting}")
    assert "Kim" not in rooms.logged_in("Erik").see(WEEK)


def test_without_a_person_one_searches(rooms: Rooms) -> None:
    assert 'action="/personal/deltagare"' in rooms.logged_in().see(BOOK)


# --- one meeting ------------------------------------------------------------------------------------------------------


def test_meeting_is_moved_and_a_second_click_moves_nothing(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK, place="skutan")
    kim.new()
    browser, path = rooms.logged_in(), f"/personal/mote/{meeting}/flytta"
    page = browser.see(path)
    assert (field(page, "day"), field(page, "clock"), field(page, "version")) == ("2026-12-02", "13:30", "1")
    fields = {"day": "2026-12-03", "clock": "10:00", "minutes": "40", "form": "walk_and_talk", "place": "skutan",
              "member": str(rooms.member("Anna")), "version": "1"}  # fmt: skip
    shown = browser.fill(path, {**fields, "steg": "visa"})
    assert "3 december kl. 10" in text_of(shown.text)
    assert town.meeting(meeting).version == 1
    last = {**fields, "steg": "spara", "sett": field(shown.text, "sett")}
    assert "Mötet är ändrat." in browser.fill(path, last).text
    assert "Mötet är ändrat." in browser.fill(path, last).text
    assert town.meeting(meeting).version == 2
    town.send()
    assert len(kim.new()) == 1


def test_two_who_move_the_same_meeting(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK, place="skutan")
    anna, erik, path = rooms.logged_in(), rooms.logged_in("Erik"), f"/personal/mote/{meeting}/flytta"
    anna.see(path)
    erik.see(path)
    fields = {"clock": "10:00", "minutes": "40", "place": "skutan", "member": str(rooms.member("Anna")), "version": "1"}
    for browser, day in ((anna, "2026-12-03"), (erik, "2026-12-04")):
        shown = browser.fill(path, {**fields, "day": day, "steg": "visa"})
        answer = browser.fill(path, {**fields, "day": day, "steg": "spara", "sett": field(shown.text, "sett")})
    assert answer.status_code == 409
    assert "Tiden har ändrats sedan du öppnade sidan: nu är det promenaden torsdag 3 december kl. 10." in answer.text
    assert town.meeting(meeting).starts == at("2026-12-03 10:00").astimezone(UTC)


def test_meeting_is_called_off_and_the_person_told(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    kim.new()
    browser, path = rooms.logged_in(), f"/personal/mote/{meeting}/avboka"
    page = browser.see(path)
    assert "Det beror inte på dig" in page
    assert town.meeting(meeting).state == "booked"
    assert "Mötet är avbokat." in browser.fill(path, {"version": "1"}).text
    assert "Mötet är avbokat." in browser.fill(path, {"version": "1"}).text
    town.send()
    assert len(kim.new()) == 1
    assert "avbokad av oss" in browser.see(f"/personal/mote/{meeting}")
    browser.see(path, 409)


def test_how_it_went_is_written_and_the_second_is_told(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim)
    path = f"/personal/mote/{meeting}"
    assert "Hur gick det?" not in rooms.logged_in().see(path)
    town.until("2026-11-26 14:30")
    anna, erik = rooms.logged_in(), rooms.logged_in("Erik")
    page = anna.see(path)
    assert "Hur gick det?" in page
    assert "inte ifylld än" in page
    erik.see(path)
    assert "kom" in anna.fill(f"{path}/hur", {"outcome": "attended", "version": "1", "was": ""}).text
    late = erik.fill(f"{path}/hur", {"outcome": "missed", "version": "1", "was": ""})
    assert late.status_code == 409
    assert "Anna har redan skrivit: kom." in late.text
    assert erik.fill(f"{path}/hur", {"outcome": "sov", "version": "1"}).status_code == 422
    assert town.stands(meeting) == "kom"


def test_under_three_hours_one_is_told_to_ring(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, "2026-11-23 12:30")
    assert "ring också" in rooms.logged_in().see(f"/personal/mote/{meeting}")


# --- ill, times, feed -------------------------------------------------------------------------------------------------


def test_ill_today_is_one_page_and_one_button(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, "2026-11-23 15:00")
    kim.new()
    browser, path = rooms.logged_in(), "/personal/kalender/sjuk"
    page = browser.see(path)
    assert "Ett möte avbokas." in page
    assert "Det beror inte på dig" in page
    assert town.meeting(meeting).state == "booked"
    done = browser.fill(path, {"medarbetare": str(rooms.member("Anna")), "day": "2026-11-23"})
    assert "Ett möte är avbokat, och personen får besked." in done.text
    again = browser.fill(path, {"medarbetare": str(rooms.member("Anna")), "day": "2026-11-23"})
    assert "Inga möten var kvar att avboka." in again.text
    town.send()
    assert len(kim.new()) == 1
    assert "Anna är borta" in browser.see("/personal/kalender?dag=2026-11-23")


def test_ones_own_times_are_changed_and_anothers_only_by_who_plans(rooms: Rooms, town: MeetingTown) -> None:
    browser, path = rooms.logged_in(), "/personal/kalender/tider"
    page = browser.see(path)
    assert field(page, "dag0") == "9-15.30"
    week = {f"dag{number}": "" for number in range(7)} | {
        "dag1": "10-12",
        "enhet": "alvsbyn",
        "was": field(page, "was"),
    }
    assert "Veckan är sparad." in browser.fill(f"{path}/vecka", week).text
    stale = browser.fill(f"{path}/vecka", {**week, "dag1": "11-12"})
    assert stale.status_code == 409
    assert "Nu står det: 10-12." in text_of(stale.text)
    assert field(stale.text, "dag1") == "11-12"
    wrong = browser.fill(f"{path}/vecka", {**week, "dag2": "16-8"})
    assert wrong.status_code == 422
    assert "Slutet ska vara senare än början" in wrong.text
    assert field(wrong.text, "dag2") == "16-8"
    closed = {"day": "2026-12-01", "gor": "stang", "enhet": "alvsbyn"}
    assert "Tisdag 1 december: inte alls" in text_of(browser.fill(f"{path}/dag", closed).text)
    assert browser.fill(f"{path}/dag", {**closed, "gor": "tider"}).status_code == 422
    assert browser.fill(f"{path}/dag", {**closed, "gor": "tider", "hours": "x"}).status_code == 422
    assert browser.fill(f"{path}/dag", {**closed, "day": "igår"}).status_code == 422
    assert "inte alls" not in text_of(browser.fill(f"{path}/dag", {**closed, "gor": "som_vanligt"}).text)
    erik = str(rooms.member("Erik"))
    browser.see(f"{path}?medarbetare={erik}", 404)
    assert browser.fill(f"{path}/granser", {"enhet": "alvsbyn"}, on=path).status_code == 404
    boss = rooms.logged_in("Maria", "samordnare")
    assert "Tider: Erik" in boss.see(f"{path}?medarbetare={erik}")
    limits = {"enhet": "alvsbyn", "earliest": "10:00", "latest": "15:00", "notice": "24", "medarbetare": erik}
    assert "Gränserna är sparade." in boss.fill(f"{path}/granser", limits).text
    assert boss.fill(f"{path}/granser", {**limits, "latest": "09:00"}).status_code == 422
    assert boss.fill(f"{path}/granser", {**limits, "notice": "x"}).status_code == 422


def test_feed_is_made_renewed_and_switched_off_by_its_owner(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    town.books(kim, place="skutan")
    browser, program = rooms.logged_in(), rooms.stranger()

    def link() -> str:
        found = re.search(r'value="https://ingang.example(/personal/kalender/feed/[^"]+\.ics)"', browser.page)
        assert found
        return found.group(1)

    browser.fill("/personal/kalender/flode", {"gor": "ny"}, on="/personal/kalender")
    first = link()
    answer = program.get(first)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "SUMMARY:Promenad" in answer.text
    assert "Kim" not in answer.text
    browser.fill("/personal/kalender/flode", {"gor": "ny"})
    assert link() != first
    assert program.get(first).status_code == 404
    assert program.get(link()).status_code == 200
    with town.store.begin() as tx:
        staff.disable(tx, rooms.member("Anna"), town.now)
    assert program.get(link()).status_code == 404


def test_feed_can_be_switched_off(rooms: Rooms) -> None:
    browser = rooms.logged_in()
    browser.fill("/personal/kalender/flode", {"gor": "ny"}, on="/personal/kalender")
    address = re.findall(r"(/personal/kalender/feed/[^\"]+\.ics)", browser.page)[0]
    browser.fill("/personal/kalender/flode", {"gor": "av"})
    assert rooms.stranger().get(address).status_code == 404
    assert "Gör en länk" in browser.page


def test_empty_rooms_say_what_will_be_there(rooms: Rooms) -> None:
    assert "Inga gruppaktiviteter än" in rooms.logged_in().see("/personal/grupper")


def test_what_pages_do_is_what_the_desk_does(rooms: Rooms, town: MeetingTown, kim: Phone) -> None:
    books(rooms.logged_in(), filled(kim, member=str(rooms.member("Anna"))))
    (meeting,) = town.meetings(kim)
    actions = [action for action, ref, _ in town.log() if ref == f"appointment:{meeting.id}"]
    assert actions[0] == "appointment.book"
    assert meetings.list_meetings(town.store, town.now, OPERATOR)[0].id == meeting.id
