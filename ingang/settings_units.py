"""Settings of the units: who works there and when, where people are met. A part of ingang/settings.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from ingang.settings_read import (
    one_of,
    or_none,
    secret_text,
    setting,
    tables,
    text,
    time_of_day,
    web_address,
    weekdays,
    whole,
    yes_no,
)

ENDS_LATER = "is not later than starts", "write a later time of the same day"


@dataclass(frozen=True, slots=True)
class Hours:
    """When a staff member reads and answers, every week."""

    days: tuple[int, ...] = setting(weekdays, 'The days: "mon-fri", or "mon, wed, fri".')
    starts: time = setting(time_of_day, 'From when, local time: "08:00".')
    ends: time = setting(time_of_day, 'Until when, local time: "16:00".')

    def faults(self) -> Iterator[tuple[str, str, str]]:
        """Give what is wrong between the values."""
        if self.ends <= self.starts:
            yield "ends", *ENDS_LATER


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Someone who works for a unit, by first name as participants meet it."""

    first_name: str = setting(text(r"\S.{0,39}", "write a first name"), "The first name, as it stands in messages.")
    device: str = setting(
        secret_text(r"|[a-z]+:\S+", 'write the channel and the address, as "sms:+46701740605"'),
        "The work phone that alarms go to, as `CHANNEL:ADDRESS`; none: only the inbox shows them.",
        "",
        secret=True,
    )
    role: str = setting(
        one_of("lasare", "handlaggare", "samordnare"),
        "What they may do on the staff pages: `lasare` reads, `handlaggare` answers and books, `samordnare` also keeps "
        "the roster, the settings and the texts. Other roles are added with `ingang staff add`.",
        "handlaggare",
    )
    order: int = setting(whole(1, 99), "Whose device an alarm goes to first: 1, then 2 if nobody takes it.", 1)
    manager: bool = setting(yes_no, "Whether alarms that nobody took end here.", default=False)
    hours: tuple[Hours, ...] = tables(Hours)
    meets: tuple[Hours, ...] = tables(Hours)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit meets people: a meeting point for walks, or its own premises."""

    slug: str = setting(
        text(r"[a-z0-9][a-z0-9-]{0,39}", "write a-z, 0-9 and dashes: skutan"), "A short name, never changed: `skutan`."
    )
    name: str = setting(
        text(r"\S.{0,39}", "write at most 40 characters"),
        "What people call it, as it stands after `Ni ses vid`: `Skutan`.",
    )
    find: str = setting(
        text(r".{0,120}", "write at most 120 characters"), "How to find it: `Vi väntar vid den blå dörren.`", ""
    )
    link: str = setting(or_none(web_address), "A map or a picture of it. None: no link.", "")
    travel: int = setting(whole(0, 240), "How many minutes staff travel there, and as many back.", 0)
    starts: str = setting(
        text(r"|([01]\d|2[0-3]):[0-5]\d(, *([01]\d|2[0-3]):[0-5]\d)*", 'write times: "09:37, 13:07"'),
        "The only times of day that meetings there start at, such as right after a bus. None: any quarter of an hour.",
        "",
    )


@dataclass(frozen=True, slots=True)
class Unit:
    """A municipality's team. What stands here is what a new unit starts with; after that the database has it."""

    slug: str = setting(
        text(r"[a-z0-9][a-z0-9-]{0,39}", "write a-z, 0-9 and dashes: alvsbyn"),
        "A short name for links and posters, never changed: `alvsbyn`. A poster's link is `alvsbyn_affisch`.",
    )
    name: str = setting(text(), "What participants know the unit as: `Ingång Älvsbyn`.")
    municipality: str = setting(text(), "The municipality, as people say it: `Älvsbyn`.")
    phone: str = setting(
        text(r"\+?[0-9][0-9 /-]{4,19}", "write digits, spaces and dashes: 0980-319 200"),
        "The number that people may ring, as it is to be read: `0980-319 200`.",
    )
    address: str = setting(text(), 'Where "hos oss" is: `Storgatan 27, Älvsbyn`.')
    where_under_15: str = setting(text(), "Where someone under 15 may turn, one line that is sent as it stands.")
    where_over_29: str = setting(text(), "Where someone over 29 may turn, one line that is sent as it stands.")
    promise_days: int = setting(
        whole(1, 10), "Within how many days with somebody on duty a new sign-up gets a person's answer.", 2
    )
    answers_per_day: int = setting(
        whole(1, 100),
        "How many people each one on duty usually answers in a day: with more waiting, new promises are longer.",
        8,
    )
    meetings_from: time = setting(time_of_day, "The earliest that a meeting starts.", time(9))
    meetings_to: time = setting(time_of_day, "The latest that a meeting ends.", time(17))
    meetings_notice: int = setting(whole(0, 168), "How many hours ahead a time must be for the bot to offer it.", 3)
    position: str = setting(
        text(r"|-?\d{1,2}(\.\d+)?, *-?\d{1,3}(\.\d+)?", 'write degrees north and east: "65.68, 21.00"'),
        "Where the unit is, in degrees north and east, for when it is light on the day of a walk. None: not told.",
        "",
    )
    villages: str = setting(
        text(r"[^\n]{0,2000}", 'write names with commas between: "Vidsel, Korsträsk"'),
        "Villages and towns there, for who writes that and not the municipality: `Vidsel, Korsträsk`.",
        "",
    )
    places: tuple[Place, ...] = tables(Place)
    staff: tuple[StaffMember, ...] = tables(StaffMember)

    def faults(self) -> Iterator[tuple[str, str, str]]:
        """Give what is wrong between the values."""
        if self.meetings_to <= self.meetings_from:
            yield "meetings_to", "is not later than meetings_from", "write a later time of the same day"
