"""A staff member in a browser: invited from the terminal, logged in with a password and an app."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta

import pyotp
from playwright.sync_api import Page, expect

from ingang.clock import lease_now
from tests.browser.conftest import Program

PASSWORD = "kastanj cykel mossa"


def invite(program: Program, name: str, role: str = "samordnare") -> str:
    """Add somebody as an operator does; give the path of the link that the terminal shows."""
    told = subprocess.run(
        [sys.executable, "-m", "ingang", "staff", "add", name, "--unit", "alvsbyn", "--role", role,
         "--email", f"{name.casefold()}@kommunen.example", "--hours", "mån-sön 00:00-23:59"],
        env={**os.environ, "INGANG_DATABASE__URL": f"sqlite:///{program.data / 'ingang.db'}",
             "INGANG_KEYS__FILE": str(program.data / "ingang.keys")},
        cwd=program.data, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = re.search(r"/personal/valkommen/\S+", told)
    assert found, told
    return found.group(0)


def settle_in(page: Page, program: Program, path: str) -> str:
    """Go through an invitation in the browser; give the app's secret. One is logged in then."""
    page.goto(f"{program.address}{path}")
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    page.get_by_label("Samma lösenord igen").fill(PASSWORD)
    page.get_by_role("button", name="Fortsätt").click()
    secret = page.locator("code.key").inner_text().replace(" ", "")
    page.get_by_label("Sex siffror ur appen").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Klar").click()
    expect(page.get_by_role("heading", name="Dina reservkoder")).to_be_visible()
    return secret


def log_in(page: Page, program: Program, name: str, secret: str) -> None:
    """Log in with the password and the app. A code counts once, so the next step's is used: the app is 30 s ahead."""
    page.goto(f"{program.address}/personal/logga-in")
    page.get_by_label("Arbetsadress").fill(f"{name.casefold()}@kommunen.example")
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Fortsätt").click()
    page.get_by_label("Sex siffror ur appen").fill(_next_code(secret))
    page.get_by_role("button", name="Logga in").click()
    expect(page.get_by_role("heading", name="Inkorg")).to_be_visible()


def _next_code(secret: str) -> str:
    return pyotp.TOTP(secret).at(lease_now() + timedelta(seconds=30))


def enter_as(page: Page, name: str) -> None:
    """Log in to the demo by pressing somebody's name, and wait to be in: a page that is left too soon has no cookie."""
    page.get_by_role("button", name=name, exact=True).first.click()
    expect(page).not_to_have_url(re.compile("logga-in"))
