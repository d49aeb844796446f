"""A stranger opens the demo and plays: three phones, what staff see, a clock, and a program that is killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.conftest import NARROW, WIDE, Program, Window

pytestmark = pytest.mark.browser

ANSWERS = {
    "sms": ("aa", "kim", "03", "1", "4 o 6", "promenad kanske", "1", "jobbigt m folk", "ja"),
    "telegram": ("aa", "kim", "03", "4 o 6", "promenad kanske", "1", "jobbigt m folk", "ja"),
    "web": ("aa", "kim", "03", "4 o 6", "promenad kanske", "2", "070-174 06 50", "jobbigt m folk", "ja"),
}


def _phone(page: Page, key: str) -> Locator:
    return page.locator(f'[data-phone="{key}"]')


def _begin(page: Page, key: str) -> None:
    phone = _phone(page, key)
    if key == "sms":
        phone.get_by_role("button", name="hej såg lappen på coop").click()
    else:
        phone.locator(".begin").click()
    expect(phone.locator(".line.bot").last).to_contain_text("Får jag ställa")


def _says(page: Page, key: str, text: str) -> str:
    """Write, wait for the answer, and give it."""
    phone = _phone(page, key)
    answers = phone.locator(".line.bot")
    before = answers.count()
    phone.get_by_role("textbox").fill(text)
    phone.get_by_role("textbox").press("Enter")
    expect(answers.nth(before)).to_be_visible()
    expect(phone.locator(".waiting")).to_have_count(0)
    return answers.last.inner_text()


def _bot_lines(page: Page, key: str) -> list[str]:
    return [text.rsplit("\n", 1)[0] for text in _phone(page, key).locator(".line.bot .said").all_inner_texts()]


def test_it_starts_where_nothing_is_yet(tmp_path: Path) -> None:
    program = Program(tmp_path / "data")
    program.start()
    program.kill()


@pytest.mark.parametrize("key", ["sms", "telegram", "web"])
def test_stranger_signs_up_on_each_phone(window: Window, key: str) -> None:
    page = window.open()
    _begin(page, key)
    for text in ANSWERS[key]:
        last = _says(page, key, text)
    assert "Tack Kim" in last
    assert "senast" in last
    expect(page.locator("#inbox .item")).to_contain_text("Kim")
    expect(page.locator("#inbox .item")).to_contain_text("Ny anmälan")
    said = _bot_lines(page, key)
    assert len(said) == len(set(said)), "something was said twice"


def test_buttons_answer_where_there_are_any(window: Window) -> None:
    page = window.open()
    _begin(page, "telegram")
    phone = _phone(page, "telegram")
    expect(phone.locator(".key")).to_have_text(["Ja", "Nej"])
    phone.get_by_role("button", name="Ja", exact=True).click()
    expect(phone.locator(".line.bot").last).to_contain_text("Vad ska vi kalla dig?")
    expect(phone.locator(".key")).to_have_count(0)
    expect(phone.locator(".line.me").last).to_contain_text("Ja")
    expect(_phone(page, "sms").locator(".key")).to_have_count(0)


def test_killed_program_goes_on_where_it_was(window: Window) -> None:
    page = window.open()
    window.away = True
    _begin(page, "sms")
    for turn, text in enumerate(ANSWERS["sms"]):
        if turn % 3 == 0:  # before it is asked: the page keeps the words and sends them when it can
            window.program.kill()
            expect(page.locator(".lost[role=status]")).to_be_visible()
            phone = _phone(page, "sms")
            before = phone.locator(".line.bot").count()
            phone.get_by_role("textbox").fill(text)
            phone.get_by_role("textbox").press("Enter")
            window.program.start()
            expect(phone.locator(".line.bot").nth(before)).to_be_visible()
            expect(page.locator(".lost[role=status]")).to_be_hidden()
        else:
            _says(page, "sms", text)
        if turn % 3 == 1:  # after it has answered
            window.program.kill()
            window.program.start()
            page.reload()
            expect(_phone(page, "sms").locator(".line.bot").last).to_be_visible()
    said = _bot_lines(page, "sms")
    assert said[-1].startswith("Boten:") or "Tack Kim" in said[-1]
    assert "Tack Kim" in said[-1]
    assert len(said) == len(set(said)), "something was said or asked twice"
    heard = _phone(page, "sms").locator(".line.me .said")
    expect(heard).to_have_count(1 + len(ANSWERS["sms"]))


def test_staffs_answer_reaches_the_phone(window: Window) -> None:
    page = window.open()
    _begin(page, "sms")
    for text in ANSWERS["sms"]:
        _says(page, "sms", text)
    page.locator("#inbox .item").get_by_role("button").click()
    expect(page.locator(".person h3")).to_have_text("Kim")
    expect(page.locator(".person")).to_contain_text("träffa folk, vet inte")
    page.get_by_label("Skriv till personen").fill("Hej Kim! Ska vi ta en promenad på fredag?")
    page.get_by_role("button", name="Skicka", exact=True).click()
    expect(_phone(page, "sms").locator(".line.staff")).to_contain_text("Ska vi ta en promenad")
    expect(page.locator(".timeline .by-staff .meta")).to_contain_text("framme")
    expect(page.locator(".person .todo")).to_be_empty()
    page.reload()
    expect(page.locator(".person h3")).to_have_text("Kim")


def test_clock_nudges_a_half_done_sign_up_once(window: Window) -> None:
    page = window.open()
    _begin(page, "sms")
    _says(page, "sms", "ja")
    _says(page, "sms", "kim")
    expect(page.locator(".plans")).to_contain_text("en enda fråga om att fortsätta")
    lines = _phone(page, "sms").locator(".line.bot")
    before = lines.count()
    page.get_by_role("button", name="I morgon kl. 10").click()
    page.get_by_role("button", name="+1 timme").click()
    expect(lines).to_have_count(before + 1)
    expect(lines.last).to_contain_text("INTE NU")
    for _ in range(4):
        clock = page.locator("#now").inner_text()
        page.get_by_role("button", name="+1 dag").click()
        expect(page.locator("#now")).not_to_have_text(clock)
    expect(lines).to_have_count(before + 1)


def test_alarm_is_seen_taken_and_ended(window: Window) -> None:
    page = window.open()
    _begin(page, "telegram")
    phone = _phone(page, "telegram")
    phone.get_by_role("button", name="orkar inte").click()
    phone.get_by_role("button", name="Det är svårt nu").click()
    expect(phone.locator(".line.bot").last).to_contain_text("larmat")
    expect(page.locator(".alarm")).to_have_count(2)
    expect(page.locator("#inbox .item.urgent")).to_contain_text("Akut oro")
    expect(page.locator(".plans")).to_contain_text("Larm till Sara")
    page.locator("#inbox .item.urgent").get_by_role("button").click()
    page.get_by_role("button", name="Ta ärendet").click()
    expect(page.locator(".plans")).not_to_contain_text("Larm till Sara")
    page.get_by_role("button", name="Släpp boten").click()
    expect(page.locator(".flags")).to_be_empty()


def test_stop_and_voice_are_one_tap(window: Window) -> None:
    page = window.open()
    _begin(page, "sms")
    phone = _phone(page, "sms")
    phone.get_by_role("button", name="Röstmeddelande").click()
    expect(phone.locator(".line.me").last).to_contain_text("Röstmeddelande")
    phone.get_by_role("button", name="STOPP").click()
    expect(phone.locator(".line.bot").last).to_contain_text("BÖRJA")
    expect(phone.get_by_role("button", name="BÖRJA", exact=True)).to_be_visible()
    expect(page.locator(".events")).to_contain_text("STOPP")


def test_new_number_starts_over(window: Window) -> None:
    page = window.open()
    own = page.locator('[data-phone="sms"] .own').inner_text()
    _begin(page, "sms")
    page.get_by_role("button", name="Nytt nummer i SMS").click()
    expect(_phone(page, "sms").locator(".line")).to_have_count(0)
    expect(page.locator('[data-phone="sms"] .own')).not_to_have_text(own)


def test_markup_stays_text(window: Window) -> None:
    page = window.open()
    _begin(page, "sms")
    nasty = '<img src=x onerror="alert(1)"><b>{{7*7}}</b>'
    _says(page, "sms", nasty)
    expect(_phone(page, "sms").locator(".line.me .said").last).to_contain_text(nasty)
    expect(page.locator(".events")).to_contain_text(nasty)
    assert page.locator("main img, main b").count() == 0


def test_keyboard_alone_is_enough(window: Window) -> None:
    page = window.open()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Till telefonerna")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "text-sms":
            break
    expect(page.locator("#text-sms")).to_be_focused()
    page.keyboard.type("jag vill prata med någon")
    page.keyboard.press("Enter")
    expect(page.locator("#inbox .item")).to_be_visible()
    page.locator("#tab-inbox").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-referrals")).to_be_focused()
    expect(page.locator("#referrals")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".person h3")).to_be_focused()


# --- for everybody ----------------------------------------------------------------------------------------------------


def _play(page: Page) -> None:
    _begin(page, "telegram")
    phone = _phone(page, "telegram")
    before = phone.locator(".line.bot").count()
    phone.get_by_role("button", name="orkar inte").click()
    expect(phone.locator(".line.bot").nth(before)).to_be_visible()  # an answer counts once its question has come
    expect(phone.locator(".waiting")).to_have_count(0)
    phone.get_by_role("button", name="Det är svårt nu").click()
    expect(page.locator(".alarm")).to_have_count(2)
    _begin(page, "web")


def _violations(page: Page) -> list[Any]:
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_wrong(window: Window, dark: bool) -> None:
    assert _violations(window.open(dark=dark)) == []
    page = window.open(dark=dark)
    _play(page)
    assert _violations(page) == []
    page.locator("#inbox .item").first.get_by_role("button").click()
    expect(page.locator(".timeline .spoken").first).to_be_visible()
    assert _violations(page) == []
    small = window.open(dark=dark, size=NARROW)
    for view in ("Telefoner", "Personalen", "Vad hände?"):
        small.get_by_role("navigation").get_by_role("button", name=view).click()
        assert _violations(small) == []


def test_small_screen_shows_one_thing_at_a_time(window: Window) -> None:
    page = window.open(size=NARROW)
    expect(_phone(page, "sms")).to_be_in_viewport(ratio=0.9)
    expect(_phone(page, "telegram")).not_to_be_in_viewport()
    page.get_by_role("button", name="Telegram", exact=True).click()
    expect(_phone(page, "telegram")).to_be_in_viewport(ratio=0.9)
    expect(page.locator('[data-pick="telegram"]')).to_have_attribute("aria-current", "true")
    page.get_by_role("navigation").get_by_role("button", name="Personalen").click()
    expect(page.locator("section.phones")).to_be_hidden()
    expect(page.locator("section.staff")).to_be_visible()


@pytest.mark.parametrize(
    "size", [WIDE, NARROW, ViewportSize(width=320, height=640), ViewportSize(width=768, height=1024)]
)
def test_page_fits_and_targets_are_large(window: Window, size: ViewportSize) -> None:
    page = window.open(size=size)
    _begin(page, "sms")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    small = page.evaluate("""() => [...document.querySelectorAll("button, input, textarea")]
        .filter((each) => each.checkVisibility())
        .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.height < 44 || box.width < 44))
        .map(([what]) => what)""")
    assert small == []
