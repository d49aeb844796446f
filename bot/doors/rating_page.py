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
from bot.doors.pages import HEADERS, PAGES
from messages import curve
from messages.helplines import fitting, load_help_lines
from messages.scales import Scale, fill
from rules.age import help_road
from rules.calendar import swedish_day, to_local
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

NOT_A_NUMBER: Final = "Skriv en siffra från 0 till 10, till exempel 7 eller 7,5. Lämna tomt om du vill hoppa över."
TWO: Final = "Det kom två svar på frågan. Skriv ett av dem."
TOO_LONG: Final = f"Det är för långt. Högst {LONGEST_COMMENT} tecken får plats."
NOTHING: Final = "Inget är ifyllt än. Svara på minst en fråga, eller skriv något. Du kan också stänga sidan."
BUSY: Final = "Det gick inte att spara just nu. Det du fyllde i står kvar. Försök igen om en stund."
CHECK: Final = "Något behöver ändras. Det står vid frågan. Inget är skickat än."

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came in a form: items by key, words, and what is wrong by field ("" for the whole).

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
    rating: Rating | None = None
    form: _Form | None = None


class RatingPages:
    """The pages behind a token that opens no meeting."""

    def __init__(self, app: Inside) -> None:
        self._app = app

    def show(self, token: str) -> Response:
        """Draw what a token opens; the same page for what is unknown, too old, or of somebody hidden."""
        with self._app.store.read() as tx:
            found = self._open(tx, token)
        if found is None:
            return _gone()
        if found.link.purpose == "curve":
            return _curve_used() if found.link.used_at else PAGES.show("curve_ask.html", token=token)
        if found.form is None or found.link.used_at is not None:
            return _sent(found)
        return _shown(found, found.form, token)

    def take(self, token: str, fields: Fields) -> Response:
        """Take what was sent. What cannot be read is shown again with the fault beside it (422); nothing is kept.

        When the database cannot be written, the page is shown with all that was filled in (503), to be sent again.
        """
        try:
            return self._take(token, fields)
        except StoreUnavailable:
            with self._app.store.read() as tx:
                found = self._open(tx, token)
            if found is None or found.form is None:
                raise
            return _shown(found, found.form, token, read(found.form.scale.keys, fields, BUSY), 503)

    def _take(self, token: str, fields: Fields) -> Response:
        now = self._app.clock.now()
        with self._app.store.begin() as tx:
            link = rating_links.find(tx, token, now)
            if link is not None:
                contacts.wait_for_turns_of(tx, link.participant_id)  # before anything is held: a turn may answer it too
            found = self._open(tx, token, to_change=True)
            if found is None:
                return _gone()
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
            return _curve_used()
        drawn = curve.draw(points_of(tx, self._app.house, found.link.participant_id))
        return PAGES.show("curve_own.html", drawn=drawn, unit=found.unit.name)

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
        if link.purpose == "curve" or link.rating_id is None:
            return _Open(link, unit, road) if link.purpose == "curve" else None
        rating = ratings.find(tx, link.rating_id, to_change=to_change)
        if rating is None or rating.state in GIVEN:
            return None if rating is None else _Open(link, unit, road, rating)
        form = self._form(tx, unit, rating, now)
        return None if form is None else _Open(link, unit, road, rating, form)

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
    items = [
        {
            "key": item.key, "question": item.asked(form.met_name or None), "low": item.low, "high": item.high,
            "typed": typed.get(item.key, "")[:40], "wrong": wrong.get(item.key, ""),
        }
        for item in form.scale.items
    ]  # fmt: skip
    by = form.reader.by
    return PAGES.show(
        "rating.html", status if wrong else 200, token=token, role=form.scale.role, items=items,
        opening=form.scale.opening, comment=keepable(typed.get(COMMENT, "")), comment_wrong=wrong.get(COMMENT, ""),
        comment_most=LONGEST_COMMENT, wrong=wrong.get("", ""), reader=form.reader.name or "En av oss",
        read_by=swedish_day(by, form.today) if by is not None and by > form.today else "", met=form.met_name,
        may_choose=form.may_choose and bool(form.met_name), chosen=sent is not None and sent.other,
        unit=found.unit.name, phone=str(found.unit.settings.get("phone") or ""), instrument=form.scale.instrument,
        holder=form.holder, lines=fitting(load_help_lines(), found.road), device=found.link.purpose == "device",
    )  # fmt: skip


def _sent(found: _Open) -> Response:
    """It is sent, now or before. On staff's device nothing is shown that tells of the person, not even their age."""
    device = found.link.purpose == "device"
    lines = fitting(load_help_lines(), "unknown" if device else found.road)
    return PAGES.show("rating_sent.html", device=device, lines=lines, unit=found.unit.name)


def _gone() -> Response:
    return PAGES.show("meeting_gone.html", 404)


def _curve_used() -> Response:
    return PAGES.show("curve_used.html", 410)
