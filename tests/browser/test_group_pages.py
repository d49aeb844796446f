"""The room Grupper in a real browser: every page at 1280 and 390, light and dark, and the list with a thumb."""

# ruff: noqa: F811 - fixtures of another file

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.actions import sending_many
from bot.actions.sending_many import Choice
from storage import activities, attendance, invitations, places, units
from storage.activities import NewActivity
from tests.browser.conftest import Window
from tests.browser.test_calendar_pages import Place, enter, faults_of, place, window  # noqa: F401 - fixtures
from tests.meeting_town import at

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("INGANG_TEST_PICTURES")
ALL = [(False, False), (False, True), (True, False), (True, True)]
NAMES = ("Kim", "Sam", "Ali", "Maximilian-Alexander Wennerström", "Eva", "Noor", "Ebba")


@pytest.fixture
def groups(place: Place) -> dict[str, str]:
    """A week of groups: one today with people there, one that comes with a line, a series; a release. Paths by name."""
    town, now = place.town, place.town.now
    people = [
        town.signed_up(address=f"+4670174063{number}", name=name).standing().participant_id
        for number, name in enumerate(NAMES)
    ]
    with town.store.begin() as tx:
        unit = units.get_unit(tx, "alvsbyn")

        def planned(when: str, title: str, **more: object) -> int:
            starts = at(when)
            new = {"unit_id": unit.id, "title": title, "starts": starts, "ends": starts + timedelta(hours=2),
                   "last_answer": starts - timedelta(days=2), "place": "skutan", "places": 3, **more}  # fmt: skip
            return activities.add(tx, now, NewActivity(**new))  # type: ignore[arg-type]

        today, soon = (
            planned("2026-11-23 09:30", "går vi en runda"),
            planned("2026-12-02 13:00", "lagar vi mat hos oss"),
        )
        series = activities.add_series(tx, now, unit.id, "fikar vi", "FREQ=WEEKLY;COUNT=6", at("2026-12-04 15:00"))
        days = [at("2026-12-04 15:00") + timedelta(days=7 * week) for week in range(6)]
        fika = [planned(f"{day:%Y-%m-%d %H:%M}", "fikar vi", series_id=series) for day in days]
        activities.cancel(tx, now, planned("2026-12-10 13:00", "åker vi till havet"))
        for activity in (today, soon):
            for number, invitation in enumerate(invitations.add_many(tx, now, activity, 1, None, people).values()):
                state = ("yes", "hard", "yes", "yes", "maybe", "no", "asked")[number]
                invitations.change(tx, invitation, state=state, answered_at=now, meet="wanted" if number == 1 else None)
                if number < 4 and places.take(tx, activity, invitation, 3) is None:
                    invitations.change(tx, invitation, waiting_since=now)
        for who, present in ((people[0], True), (people[1], True), (people[0], False)):
            attendance.note(tx, now, today, who, present=present, quarters=8, how="staff", by=None)
        attendance.lock(tx, now - timedelta(minutes=1), unit.id, "2026-11", None, "Anna Berg")
        told = sending_many.release(
            tx, town.house, unit, Choice(text="Vi har stängt på fredag."), now, by=None, nonce="x"
        )
    here = "/personal/grupper"
    return {
        "groups": here, "year": f"{here}/ar", "new": f"{here}/ny", "one": f"{here}/{soon}",
        "today": f"{here}/{today}", "there": f"{here}/{today}/narvaro", "door": f"{here}/{today}/dorr",
        "change": f"{here}/{soon}/andra", "cancel": f"{here}/{soon}/stall-in", "invite": f"{here}/{soon}/bjud-in",
        "more": f"{here}/{fika[0]}/bjud-in",
        "series": f"{here}/{fika[1]}/andra", "end": f"{here}/{fika[1]}/stall-in?senare=ja",
        "months": f"{here}/manader", "month": f"{here}/manader/2026-11", "sendings": "/personal/utskick",
        "sending": f"/personal/utskick/{told.sending_id}", "write": "/personal/utskick/nytt",
        "person": f"/personal/deltagare/{people[0]}",
    }  # fmt: skip


def picture(page: Page, name: str, narrow: bool, dark: bool) -> None:
    if PICTURES:
        file = f"group-{name}-{390 if narrow else 1280}{'-dark' if dark else ''}.png"
        page.screenshot(path=Path(PICTURES) / file, full_page=True)


@pytest.mark.parametrize(("narrow", "dark"), [(False, False), (True, True)] if not PICTURES else ALL)
def test_every_page_is_sound_and_fits(
    window: Window,
    place: Place,
    groups: dict[str, str],
    narrow: bool,
    dark: bool,
) -> None:
    page = enter(window, place, groups["groups"], narrow=narrow, dark=dark)
    for name, path in groups.items():
        answer = page.goto(f"{place.address}{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert len(answer.body()) < 100_000, path
        picture(page, name, narrow, dark)
        assert faults_of(page) == "", path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(f"{place.address}{groups['more']}")
    page.get_by_role("button", name="Visa vem som får vad").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("får det nu")
    picture(page, "preview", narrow, dark)
    assert faults_of(page) == ""
    page.goto(f"{place.address}{groups['series']}")
    page.get_by_label("Ändra de 4 senare gångerna").check()
    page.get_by_label("Klockan").fill("16:00")
    page.get_by_role("button", name="Visa hur det blir").click()
    expect(page.get_by_text("De senare gångerna")).to_be_visible()
    picture(page, "series-preview", narrow, dark)
    assert faults_of(page) == ""
    page.goto(f"{place.address}{groups['new']}")
    page.get_by_role("button", name="Visa hur det blir").click()
    expect(page.locator(".wrongs")).to_be_visible()
    picture(page, "wrong", narrow, dark)
    assert faults_of(page) == ""


@pytest.mark.parametrize("scripts", [True, False])
def test_who_is_here_is_noted_with_a_thumb(
    window: Window,
    place: Place,
    groups: dict[str, str],
    scripts: bool,
) -> None:
    page = enter(window, place, groups["there"], narrow=True, scripts=scripts)
    button = page.get_by_role("button", name="Var där: Ali")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 56
    assert box["width"] >= 120
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("Månaden är inlämnad")
    page.get_by_label("Varför rättas det?").select_option("Glömdes att noteras")  # and is kept for the next one
    button.click()
    expect(page.locator("li", has_text="Ali").get_by_text("✓ Var där, 2 h")).to_be_visible()
    page.locator("li", has_text="Ali").get_by_text("Annan tid").click()
    page.locator("li", has_text="Ali").get_by_label("Hur länge").select_option("5")
    page.get_by_role("button", name="Var där: Ali").click()
    card = page.locator("li.card", has_text="Ali")
    expect(card.get_by_text("✓ Var där, 1 h 15 min")).to_be_visible()
    card.get_by_text("Rättad 1 gång").click()
    expect(card.get_by_text("var där, 2 h, Anna")).to_be_visible()
