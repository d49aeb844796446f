"""Makes docs/images anew from the running demo: `make screenshots`, or python -m tests.browser.screenshots [FOLDER].

The demo is started on an empty folder with its clock at Wednesday 25 November 2026, 10.15. Three made-up people write,
one of the staff answers, and the page is pictured as it then is.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser.conftest import ARGS, NARROW, WIDE, Program
from tests.conftest import CHROMIUM, NO_BROWSER

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
CLOCK = "2026-11-25T10:15:00+01:00"
SIGN_UP = ("aa", "kim", "03", "1", "4 o 6", "promenad kanske", "1", "jobbigt m folk", "ja")
ANSWER = "Hej Kim! Anna här. Vill du ta en promenad på fredag kl. 13? Vi kan ses vid ån."


def main() -> None:
    """Start the demo, play, and write the pictures; exit 2 where there is no browser."""
    if CHROMIUM is None:
        sys.exit(f"screenshots: {NO_BROWSER}")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["INGANG_TEST_NOW"] = CLOCK
    expect.set_options(timeout=20_000)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        program = Program(Path(data) / "demo", port=8800)  # it stands in a message
        program.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGS))
        try:
            _play(_open(browser, program, WIDE))
            for size in (WIDE, NARROW):
                for dark in (False, True):
                    page = _open(browser, program, size, dark=dark)
                    if size == WIDE:
                        page.locator("#tab-referrals").click()
                        page.locator("#referrals .item", has_text="Kim").get_by_role("button").click()
                        expect(page.locator(".by-staff")).to_be_visible()
                    page.mouse.move(0, 0)
                    page.evaluate("document.activeElement.blur()")
                    name = f"demo-{size['width']}{'-dark' if dark else ''}.png"
                    page.screenshot(path=folder / name, animations="disabled")
                    sys.stdout.write(f"{folder / name}\n")
            _picture_staff_pages(browser, program, folder)
        finally:
            browser.close()
            program.kill()


def _picture_staff_pages(browser: Browser, program: Program, folder: Path) -> None:
    """The inbox, a person and the week, as Anna sees them once she has booked a walk with Kim."""
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce", locale="sv-SE")
    page = context.new_page()
    page.goto(f"{program.address}/personal/logga-in")
    page.get_by_role("button", name="Anna", exact=True).click()
    page.goto(f"{program.address}/personal/deltagare")
    page.get_by_role("link", name="Kim").first.click()
    kim = page.url
    page.get_by_role("link", name="Boka en tid").click()
    page.locator(".times button").nth(2).click()
    page.get_by_role("button", name="Boka", exact=False).first.click()
    _plan_groups(page, program)
    for name, path in (
        ("inbox", "/personal/inkorg"), ("week", "/personal/kalender"), ("person", kim), ("groups", "/personal/grupper"),
    ):  # fmt: skip
        page.goto(path if path.startswith("http") else f"{program.address}{path}")
        page.screenshot(path=folder / f"staff-{name}-1280.png", animations="disabled")
        sys.stdout.write(f"{folder / f'staff-{name}-1280.png'}\n")


def _plan_groups(page: Page, program: Program) -> None:
    """One to come, and a series."""
    for day, title, leader, times in (
        ("2026-11-27", "går vi en runda vid ån", "Anna", ""), ("2026-12-02", "lagar vi mat hos oss", "Anna", "3"),
    ):  # fmt: skip
        page.goto(f"{program.address}/personal/grupper/ny")
        for label, text in (("Vad ni gör", title), ("Dag", day), ("Klockan", "13:00"), ("Eller med egna ord", "ån")):
            page.get_by_label(label, exact=True).fill(text)
        page.get_by_label("Vem leder").select_option(label=leader)
        if times:
            page.get_by_text("En serie", exact=True).click()
            page.get_by_label("Hur ofta").select_option("week")
            page.get_by_label("Eller så många gånger").fill(times)
        page.get_by_role("button", name="Visa hur det blir").click()
        page.get_by_role("button", name="Lägg in").click()


def _open(browser: Browser, program: Program, size: ViewportSize, *, dark: bool = False) -> Page:
    context = browser.new_context(
        viewport=size, color_scheme="dark" if dark else "light", device_scale_factor=2 if size == NARROW else 1,
        has_touch=size == NARROW, reduced_motion="reduce", locale="sv-SE",
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{program.address}/demo")
    expect(page.locator("#now")).to_contain_text("onsdag 25 november")
    return page


def _says(page: Page, key: str, text: str) -> None:
    phone = page.locator(f'[data-phone="{key}"]')
    answers = phone.locator(".line.bot")
    before = answers.count()
    phone.get_by_role("textbox").fill(text)
    phone.get_by_role("textbox").press("Enter")
    expect(answers.nth(before)).to_be_visible()


def _play(page: Page) -> None:
    """Kim signs up and is answered, Alex is half-way on Telegram, and somebody has opened the web chat."""
    _says(page, "sms", "hej såg lappen på coop")
    for text in SIGN_UP:
        _says(page, "sms", text)
    for key in ("telegram", "web"):
        page.locator(f'[data-phone="{key}"] .begin').click()
        expect(page.locator(f'[data-phone="{key}"] .key')).to_have_count(2)
    page.locator('[data-phone="telegram"]').get_by_role("button", name="Ja", exact=True).click()
    expect(page.locator('[data-phone="telegram"] .line.bot')).to_have_count(3)
    for text in ("alex", "2006", "jobb"):
        _says(page, "telegram", text)
    page.locator("#inbox .item", has_text="Kim").get_by_role("button").click()
    page.get_by_label("Skriv till personen").fill(ANSWER)
    page.get_by_label("Skriv till personen").press("Enter")
    expect(page.locator(".by-staff .meta")).to_contain_text("framme")


if __name__ == "__main__":
    main()
