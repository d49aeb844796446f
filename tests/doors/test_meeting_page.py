"""A person's page of a meeting: a look changes nothing, an answer counts once, and it says no more than the SMS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import pytest
from icalendar import Calendar

from ingang.clock import MovableClock
from staff import meetings as work
from staff.meetings import Ask
from staff.people import Actor
from storage import appointments, contacts, page_links, participants, staff, units
from storage.appointments import Appointment
from tests.site import Site

OPERATOR = Actor("os:drift")
NAME = "Kimberley"


@dataclass
class Booked:
    """A meeting with a page."""

    site: Site
    person: int
    id: int
    token: str

    @property
    def path(self) -> str:
        return f"/d/{self.token}"

    def meeting(self) -> Appointment:
        with self.site.app.store.read() as tx:
            return appointments.get(tx, self.id)

    def gets(self, extra: str = "") -> httpx.Response:
        return self.site.client.get(self.path + extra)

    def answers(self, answer: str, version: int = 1, **headers: str) -> httpx.Response:
        return self.site.client.post(self.path, data={"answer": answer, "version": str(version)}, headers=headers)

    def moves(self, at: str) -> None:
        app = self.site.app
        work.move(app.store, app.house, app.clock.now(), OPERATOR, self.id, Ask(at))

    def cancels(self) -> None:
        app = self.site.app
        work.cancel(app.store, app.house, app.clock.now(), OPERATOR, self.id)

    def waits_until(self, moment: datetime) -> None:
        clock = self.site.app.clock
        assert isinstance(clock, MovableClock)
        clock.move(moment - clock.now())

    def event(self) -> tuple[Calendar, dict[str, str]]:
        answer = self.gets("/tid.ics")
        assert answer.status_code == 200
        calendar = Calendar.from_ical(answer.content)
        (event,) = calendar.walk("VEVENT")
        return calendar, {key: str(event[key]) for key in ("UID", "SEQUENCE", "STATUS", "SUMMARY")}


@pytest.fixture
def booked(site: Site) -> Booked:
    """Kimberley has a walk with Anna, booked in the first unit of the demo."""
    app = site.app
    now = app.clock.now()
    with app.store.begin() as tx:
        unit = units.list_units(tx)[0]
        who = contacts.create(tx, now, "sim_sms", "+46701740699", unit_id=unit.id).participant_id
        participants.set_profile(tx, who, name=NAME, birth_year=2003)
        participants.set_status(tx, who, "active")
        member = str(next(iter(staff.names(tx, unit.id))))
    ask = Ask("2026-12-02 13:30", member=member, note="gillar hundar")
    kept = work.book(app.store, app.house, now, OPERATOR, who, ask)
    with app.store.read() as tx:
        token = page_links.token_of(tx, kept.id)
    return Booked(site, who, kept.id, token)


def test_the_page_says_when_where_and_with_whom(booked: Booked) -> None:
    answer = booked.gets()
    assert answer.status_code == 200
    for word in ("nsdag 2 december kl. 13.30", "Promenad, 40 minuter", "Anna", "Passar tiden?", "/tid.ics"):
        assert word in answer.text
    for secret in (NAME, "hundar", str(booked.person), str(booked.id), "+46"):
        assert secret not in answer.text


def test_no_look_changes_anything(booked: Booked) -> None:
    """Link previews fetch it, with GET and HEAD, again and again."""
    before = booked.meeting()
    client = booked.site.client
    for _ in range(3):
        booked.gets()
        booked.gets("/tid.ics")
        client.head(booked.path)
        client.get(booked.path, params={"answer": "yes", "version": "1"})
        client.get(booked.path, headers={"user-agent": "WhatsApp/2.0", "purpose": "prefetch"})
        client.options(booked.path)
    assert booked.meeting() == before


def test_nobody_keeps_indexes_or_frames_it(booked: Booked) -> None:
    for extra in ("", "/tid.ics"):
        headers = booked.gets(extra).headers
        assert "no-store" in headers["cache-control"]
        assert "no-referrer" in headers["referrer-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in booked.gets().headers["content-security-policy"]
    assert '<meta name="robots" content="noindex">' in booked.gets().text


@pytest.mark.parametrize(("answer", "told"), [("yes", "Du har svarat ja."), ("no", "nej"), ("move", "en annan tid")])
def test_an_answer_is_kept_and_shown(booked: Booked, answer: str, told: str) -> None:
    done = booked.answers(answer)
    assert (done.status_code, done.headers["location"]) == (303, booked.path)
    assert booked.meeting().answer == answer
    assert told in booked.gets().text
    again = booked.meeting()
    booked.answers(answer)
    assert booked.meeting().version == again.version


@pytest.mark.parametrize(("answer", "version"), [
    ("yes", 2), ("yes", 0), ("maybe", 1), ("", 1), ("yes", -1), ("YES", 1),
])  # fmt: skip
def test_an_answer_to_another_version_or_of_no_sort_is_not_kept(booked: Booked, answer: str, version: int) -> None:
    assert booked.answers(answer, version).status_code == 303
    assert booked.meeting().answer is None


def test_a_page_that_was_open_while_it_moved_answers_nothing(booked: Booked) -> None:
    booked.moves("2026-12-03 10:00")
    booked.answers("yes", 1)
    assert booked.meeting().answer is None
    assert "3 december kl. 10" in booked.gets().text
    booked.answers("yes", 2)
    assert booked.meeting().answer == "yes"


def test_a_meeting_that_is_off_or_over_takes_no_answer(booked: Booked) -> None:
    booked.waits_until(booked.meeting().starts + timedelta(minutes=1))
    booked.answers("no")
    assert booked.meeting().answer is None
    assert "Passar tiden?" not in booked.gets().text
    assert "Tiden har varit, eller har börjat." in booked.gets().text


def test_a_cancelled_meeting_says_so(booked: Booked) -> None:
    booked.cancels()
    booked.answers("yes", 2)
    assert booked.meeting().answer is None
    page = booked.gets().text
    assert "Tiden är avbokad" in page
    assert "Passar tiden?" not in page


def test_what_opens_nothing_looks_the_same(booked: Booked) -> None:
    """Unknown, odd and too old tokens: one page and one status, so that nothing can be found out."""
    odd = ["A" * 22, booked.token[:-1], booked.token + "A", "a", "%00" * 22, "å" * 22, "x" * 5000, booked.token.lower()]
    pages = {(answer.status_code, answer.text) for answer in (booked.site.client.get(f"/d/{token}") for token in odd)}
    assert len(pages) == 1
    (found,) = pages
    assert found[0] == 404
    for token in odd:
        assert booked.site.client.get(f"/d/{token}/tid.ics").status_code == 404
        assert booked.site.client.post(f"/d/{token}", data={"answer": "yes", "version": "1"}).status_code in (303, 404)
    booked.waits_until(booked.meeting().ends + page_links.OPEN_AFTER)
    gone = booked.gets()
    assert (gone.status_code, gone.text) == found
    assert booked.gets("/tid.ics").status_code == 404


@pytest.mark.parametrize("hide", [participants.set_protected, participants.set_read_by_others])
def test_who_is_hidden_has_no_page(booked: Booked, hide: Callable[..., None]) -> None:
    with booked.site.app.store.begin() as tx:
        hide(tx, booked.person)
    assert booked.gets().status_code == 404
    assert booked.gets("/tid.ics").status_code == 404
    booked.answers("yes")
    assert booked.meeting().answer is None


@pytest.mark.parametrize("headers", [
    {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
    {"origin": "null"},
])  # fmt: skip
def test_another_sites_post_is_refused(booked: Booked, headers: dict[str, str]) -> None:
    assert booked.answers("yes", 1, **headers).status_code == 403
    assert booked.meeting().answer is None


def test_odd_bodies_change_nothing(booked: Booked) -> None:
    client = booked.site.client
    for body in (b"", b"\xff\xfe", b"answer=yes&answer=no", b"{}", b"answer=yes", b"a" * 100_000):
        answer = client.post(booked.path, content=body, headers={"content-type": "application/x-www-form-urlencoded"})
        assert answer.status_code < 500
    assert client.post(booked.path, files={"answer": b"yes"}).status_code < 500
    assert booked.meeting().answer is None


def test_one_uid_a_higher_sequence_and_a_cancel(booked: Booked) -> None:
    calendar, first = booked.event()
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert first["SEQUENCE"] == "0"
    booked.moves("2026-12-03 10:00")
    _, second = booked.event()
    booked.cancels()
    calendar, last = booked.event()
    assert first["UID"] == second["UID"] == last["UID"]
    assert [int(each["SEQUENCE"]) for each in (first, second, last)] == [0, 1, 2]
    assert (str(calendar["METHOD"]), last["STATUS"]) == ("CANCEL", "CANCELLED")


def test_the_calendar_names_neither_the_person_nor_why(booked: Booked) -> None:
    answer = booked.gets("/tid.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert 'filename="tid.ics"' in answer.headers["content-disposition"]
    text = answer.content.decode()
    for secret in (NAME, "hundar", "romenad", "+46", str(booked.person)):
        assert secret not in text
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event.decoded("dtstart") == booked.meeting().starts
    assert event.decoded("dtend") == booked.meeting().ends
    assert "\r\n" in text


def test_too_many_looks_are_turned_away(booked: Booked) -> None:
    codes = [booked.gets().status_code for _ in range(70)]
    assert codes[0] == 200
    assert codes[-1] == 429
