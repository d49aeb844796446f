"""A person's own pages of ratings: four lines and an open question, on their phone or on staff's device; their curve.

The addresses are those of bot/doors/meeting_page.py, which hands over what opens no meeting. A GET changes nothing, for
link previews fetch it; what was sent is never shown again, whoever holds the link or presses the back button.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from fastapi import Response
from fastapi.responses import RedirectResponse

from bot.actions import rating_deeds
from bot.actions.house import House
from bot.actions.rating_curve import points_of
from bot.actions.rating_deeds import LONGEST_COMMENT
from bot.actions.rating_keeping import Reader, others, reader_of
from bot.channels.base import keepable
from bot.doors.inside import Inside
from bot.doors.languages import Language, of_person
from bot.doors.pages import HEADERS
from messages import curve
from messages.helplines import fitting
from messages.page_words import Html
from messages.scales import Scale, fill, in_language
from rules.age import help_road
from rules.calendar import to_local
from rules.ratings import BadItem, read_item
from storage import appointments, contacts, participants, rating_links, ratings, roster, staff, unit_scales, units
from storage.db import Tx
from storage.errors import StoreUnavailable
from storage.rating_links import Found
from storage.ratings import GIVEN, Rating
from storage.unit_scales import Licensed
from storage.units import Unit

COMMENT: Final = "comment"
HOW: Final = "how"
OTHER: Final = "other"
MOST_FIELDS: Final = 40
LINE_MODES: Final = {"answer": "page", "device": "staff_page"}
NUMBER_MODE: Final = "page_numbers"
"""A number typed where no script draws the line is no mark on a line, and is never kept as one."""

NOT_A_NUMBER, TWO, TOO_LONG = "not_a_number", "two", "too_long"
NOTHING, BUSY, CHECK = "nothing", "busy", "check"
"""What can be wrong with what was sent: words of rating.toml, under [wrong]."""

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came in a form: items by key, words, and what is wrong by field ("" for the whole), by its name.

    `by_line`: the script drew the lines. `other`: somebody else than the one they met is to read.
    """

    items: Mapping[str, float | None]
    comment: str | None
    by_line: bool
    other: bool
    typed: Mapping[str, str]
    wrong: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Form:
    """What the page of a rating that can be answered needs. `met`: the one they met; `may_choose`: others read too."""

    scale: Scale
    holder: str
    met: int | None
    met_name: str
    reader: Reader
    may_choose: bool
    today: date


@dataclass(frozen=True, slots=True)
class _Open:
    """What a token opened."""

    link: Found
    unit: Unit
    road: Any  # whose help lines
    speaks: Language
    rating: Rating | None = None
    form: _Form | None = None


class RatingPages:
    """The pages behind a token that opens no meeting."""

    def __init__(self, app: Inside) -> None:
        self._app = app

    def show(self, token: str, unknown: Language) -> Response:
        """Draw what a token opens; the same page for what is unknown, too old, or of somebody hidden.

        In the person's language; in that of `unknown` where the token tells of nobody.
        """
        with self._app.store.read() as tx:
            found = self._open(tx, token)
        if found is None:
            return _gone(unknown)
        if found.link.purpose == "curve":
            return _curve_used(found) if found.link.used_at else found.speaks.show("curve_ask.html", token=token)
        if found.form is None or found.link.used_at is not None:
            return _sent(found)
        return _shown(found, found.form, token)

    def take(self, token: str, fields: Fields, unknown: Language) -> Response:
        """Take what was sent. What cannot be read is shown again with the fault beside it (422); nothing is kept.

        When the database cannot be written, the page is shown with all that was filled in (503), to be sent again.
        """
        try:
            return self._take(token, fields, unknown)
        except StoreUnavailable:
            with self._app.store.read() as tx:
                found = self._open(tx, token)
            if found is None or found.form is None:
                raise
            return _shown(found, found.form, token, read(found.form.scale.keys, fields, BUSY), 503)

    def _take(self, token: str, fields: Fields, unknown: Language) -> Response:
        now = self._app.clock.now()
        with self._app.store.begin() as tx:
            link = rating_links.find(tx, token, now)
            if link is not None:
                contacts.wait_for_turns_of(tx, link.participant_id)  # before anything is held: a turn may answer it too
            found = self._open(tx, token, to_change=True)
            if found is None:
                return _gone(unknown)
            if found.link.purpose == "curve":
                return self._curve(tx, found, token, now)
            if found.form is not None and found.link.used_at is None:
                sent = read(found.form.scale.keys, fields)
                if sent.wrong:
                    return _shown(found, found.form, token, sent)
                if rating_links.use(tx, token, now):
                    self._give(tx, found, found.form, sent, now)
        return RedirectResponse(f"/d/{token}", 303, HEADERS)

    def _give(self, tx: Tx, found: _Open, form: _Form, sent: Sent, now: datetime) -> None:
        rating_id = found.link.rating_id or 0
        if sent.other and form.may_choose:
            ratings.hide_from(tx, rating_id, form.met)
        mode = LINE_MODES[found.link.purpose] if sent.by_line else NUMBER_MODE
        rating_deeds.give(tx, self._app.house, rating_id, sent.items, sent.comment, mode, now)

    def _curve(self, tx: Tx, found: _Open, token: str, now: datetime) -> Response:
        if not rating_links.use(tx, token, now):
            return _curve_used(found)
        words = found.speaks.book.pages
        drawn = curve.draw(points_of(tx, self._app.house, found.link.participant_id, words=words), words=words)
        return found.speaks.show("curve_own.html", drawn=drawn, unit=found.unit.name)

    def _open(self, tx: Tx, token: str, *, to_change: bool = False) -> _Open | None:
        now = self._app.clock.now()
        link = rating_links.find(tx, token, now)
        who = None if link is None else participants.find(tx, link.participant_id)
        if link is None or who is None or who.unit_id is None or who.protected:
            return None
        # A page is a link that others may open. That on staff's device lies in staff's hands.
        if who.read_by_others and link.purpose != "device":
            return None
        unit = units.get_unit(tx, who.unit_id)
        year = participants.profile(tx, who.id).get("birth_year")
        road = help_road(year, to_local(now).year)
        speaks = of_person(self._app.house.catalog, who.language)
        if link.purpose == "curve" or link.rating_id is None:
            return _Open(link, unit, road, speaks) if link.purpose == "curve" else None
        rating = ratings.find(tx, link.rating_id, to_change=to_change)
        if rating is None or rating.state in GIVEN:
            return None if rating is None else _Open(link, unit, road, speaks, rating)
        form = self._form(tx, unit, rating, now)
        return None if form is None else _Open(link, unit, road, speaks, rating, form)

    def _form(self, tx: Tx, unit: Unit, rating: Rating, now: datetime) -> _Form | None:
        """The texts that were asked for, and who reads; None when it can no longer be answered."""
        held = unit_scales.find(tx, rating.unit_id, rating.scale)
        scale = _scale(self._app.house, rating, held)
        if not rating.is_open or rating.expires_at <= now or scale is None:
            return None
        meeting = appointments.find(tx, rating.appointment_id) if rating.appointment_id is not None else None
        met = None if meeting is None else meeting.staff_id
        member = None if met is None else staff.find_by_id(tx, met)
        reader = reader_of(tx, unit, met or 0, now, hidden_from=rating.hidden_from)
        return _Form(
            scale=scale,
            holder=held.holder if held is not None and scale.licensed else "",
            met=met,
            met_name=member.first_name if member is not None else "",
            reader=reader,
            may_choose=met is not None and reader.staff_id == met and bool(others(roster.load(tx, unit.id), met, now)),
            today=to_local(now).date(),
        )


def read(keys: Sequence[str], fields: Fields, fault: str = "") -> Sent:
    """Read a form: each item a number from 0 to 10 or nothing, and words. A score is never guessed at.

    `fault` is what is wrong with the whole of it, whatever it holds.
    """
    typed = dict(fields)
    twice = {name for name, _ in fields if sum(other == name for other, _ in fields) > 1}
    items: dict[str, float | None] = {}
    wrong: dict[str, str] = {}
    for key in keys:
        try:
            items[key] = read_item(typed.get(key, ""))
        except BadItem:
            wrong[key] = NOT_A_NUMBER
        if key in twice:
            wrong[key] = TWO
    words = typed.get(COMMENT, "").replace("\r\n", "\n").strip()
    if len(words) > LONGEST_COMMENT:
        wrong[COMMENT] = TOO_LONG
    if fault or wrong:
        wrong[""] = fault or CHECK
    elif not words and all(value is None for value in items.values()):
        wrong[""] = NOTHING
    return Sent(items, keepable(words) or None, typed.get(HOW) == "line", OTHER in typed, typed, wrong)


def _scale(house: House, rating: Rating, held: Licensed | None) -> Scale | None:
    """The very texts that the rating was asked for in; None when they are not here any more."""
    scale = house.scales.get(rating.scale)
    if scale is not None and scale.licensed:
        scale = fill(scale, held.texts, held.version) if held is not None else None
    return scale if scale is not None and scale.version == rating.version else None


def _shown(found: _Open, form: _Form, token: str, sent: Sent | None = None, status: int = 422) -> Response:
    typed, wrong = (sent.typed, sent.wrong) if sent else ({}, {})
    speaks, said = found.speaks, in_language(form.scale, found.speaks.book.language)
    told = {field: speaks.book.pages.say(f"rating.wrong.{name}", most=LONGEST_COMMENT) for field, name in wrong.items()}
    items = [
        {
            "key": item.key, "question": item.asked(form.met_name or None), "low": item.low, "high": item.high,
            "in_swedish": speaks.in_swedish if item == asked else "",
            "typed": typed.get(item.key, "")[:40], "wrong": told.get(item.key, ""),
        }
        for item, asked in zip(said.items, form.scale.items, strict=True)
    ]  # fmt: skip
    return speaks.show(
        "rating.html", status if wrong else 200, token=token, role=form.scale.role, items=items,
        opening=said.opening, opening_in_swedish=speaks.in_swedish if said.opening == form.scale.opening else "",
        comment=keepable(typed.get(COMMENT, "")), comment_wrong=told.get(COMMENT, ""),
        comment_most=LONGEST_COMMENT, wrong=told.get("", ""), reads=_reads(found, form), met=form.met_name,
        may_choose=form.may_choose and bool(form.met_name), chosen=sent is not None and sent.other,
        unit=found.unit.name, phone=str(found.unit.settings.get("phone") or ""), instrument=form.scale.instrument,
        holder=form.holder, lines=fitting(speaks.book.help_lines, found.road), device=found.link.purpose == "device",
        line=speaks.book.pages.under("rating.line"),
    )  # fmt: skip


def _reads(found: _Open, form: _Form) -> Html:
    """Who reads the answers, and by when."""
    words, dates, by = found.speaks.book.pages, found.speaks.book.words, form.reader.by
    reader = form.reader.name or words.plain("rating.one_of_us")
    if found.link.purpose == "device":
        return words.say("rating.reads.plain", reader=reader)
    if form.scale.role == "before":
        who = words.say("rating.reads.when_we_meet", reader=reader)
    elif by is not None and by > form.today:
        who = words.say("rating.reads.by", reader=reader, day=dates.day(by, form.today))
    else:
        who = words.say("rating.reads.plain", reader=reader)
    return Html(f"{who} {words.say('rating.reads.not_at_once')}")


def _sent(found: _Open) -> Response:
    """It is sent, now or before. On staff's device nothing is shown that tells of the person, not even their age."""
    device = found.link.purpose == "device"
    lines = fitting(found.speaks.book.help_lines, "unknown" if device else found.road)
    return found.speaks.show("rating_sent.html", device=device, lines=lines, unit=found.unit.name)


def _gone(unknown: Language) -> Response:
    return unknown.show("gone.html", 404)


def _curve_used(found: _Open) -> Response:
    return found.speaks.show("curve_used.html", 410)
