"""The meeting as a file for a calendar: it goes with a booking where the channel carries files; an SMS has a link."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from icalendar import Calendar

from bot.channels.base import Outbound
from bot.channels.telegram import Telegram
from storage import participants
from storage.db import Store
from storage.outbox import Body
from tests.meeting_town import NEXT_WEEK, MeetingTown, at
from tests.servers.telegram_api import KIM, SECRET, TOKEN, TelegramApi
from tests.town import Phone


@pytest.fixture
def town(sqlite_store: Store) -> MeetingTown:
    return MeetingTown(sqlite_store)


@pytest.fixture
def kim(town: MeetingTown) -> Phone:
    return town.signed_up("sim_telegram", "4711")


@pytest.fixture
def api() -> Iterator[TelegramApi]:
    with TelegramApi() as started:
        yield started


def files(town: MeetingTown, phone: Phone) -> list[tuple[str, str]]:
    """The files that went out, oldest first."""
    key = phone.standing().key
    sent = [
        row
        for row in town.rows()
        if (row.message or "").startswith("appointment/calendar") and row.accepted_at is not None
    ]
    bodies = [Body.load(key.open("outbox", "body_enc", row.id, row.body_enc)) for row in sent]
    return [body.file for body in bodies if body.file is not None]


def event(text: str) -> tuple[str, dict[str, str]]:
    calendar = Calendar.from_ical(text)
    (one,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), {key: str(one[key]) for key in ("UID", "SEQUENCE", "SUMMARY")}


def test_a_booking_and_each_move_bring_a_file_with_one_uid(town: MeetingTown, kim: Phone) -> None:
    meeting = town.books(kim, NEXT_WEEK)
    town.moves(meeting, "2026-12-03 10:00")
    (name, first), (_, second) = files(town, kim)
    assert name == "tid.ics"
    before, after = event(first), event(second)
    assert before[1]["UID"] == after[1]["UID"]
    assert (before[1]["SEQUENCE"], after[1]["SEQUENCE"]) == ("0", "1")
    (one,) = Calendar.from_ical(second).walk("VEVENT")
    assert one.decoded("dtstart") == at("2026-12-03 10:00")
    assert before[1]["SUMMARY"] == "Anna, Ingång Älvsbyn"


def test_what_is_called_off_is_taken_out_of_the_calendar(town: MeetingTown, kim: Phone) -> None:
    """Whoever calls it off: the file says CANCEL, with the same UID and a higher number."""
    ours, theirs = town.books(kim, NEXT_WEEK), town.books(kim, "2026-12-03 10:00")
    town.cancels(ours)
    for meeting in (ours, theirs):
        method, told = event(files(town, kim)[-1][1])
        assert (method, told["UID"], told["SEQUENCE"]) == ("CANCEL", f"{meeting}@ingang", "1")
        assert kim.texts().count("Den här filen tar bort tiden ur din kalender.") == 1 + (meeting == theirs)
        if meeting == ours:
            town.later(minutes=1)
            kim.writes("avboka")


def test_by_sms_no_file_goes_but_a_link(town: MeetingTown) -> None:
    kim = town.signed_up()
    town.books(kim, NEXT_WEEK)
    assert "Här kan du spara tiden: http://127.0.0.1:8800/d/" in kim.new()[0]
    assert [row.message for row in town.rows()] == ["appointment/confirmation"]


def test_where_another_reads_the_phone_no_file_goes(town: MeetingTown, kim: Phone) -> None:
    with town.store.begin() as tx:
        participants.set_read_by_others(tx, kim.standing().participant_id)
    meeting = town.books(kim, NEXT_WEEK)
    town.moves(meeting, "2026-12-03 10:00")
    town.cancels(meeting)
    assert files(town, kim) == []


def test_telegram_gets_it_as_a_document(api: TelegramApi) -> None:
    loop = asyncio.Runner()
    channel = Telegram(TOKEN, base_url=api.url, webhook_secret=SECRET)
    text = "BEGIN:VCALENDAR\r\nSUMMARY:Åsa\r\nEND:VCALENDAR\r\n"
    message = Outbound(f"{KIM}", "Här är tiden för din kalender.", "8uWm0Jm1QmW2v0c1bJ1xkA", file=("tid.ics", text))
    try:
        receipt = loop.run(channel.send(message))
    finally:
        loop.run(channel.close())
        loop.close()
    (sent,) = api.files
    assert (sent["chat_id"], sent["caption"]) == (KIM, "Här är tiden för din kalender.")
    assert (sent["document"][0], sent["document"][2]) == ("tid.ics", text)
    assert receipt.provider_id.isdecimal()
