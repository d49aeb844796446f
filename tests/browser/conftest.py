"""A browser and a program of its own for each test. Whatever a page complains of fails the test."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, ViewportSize, expect, sync_playwright

from tests import nursery
from tests.nursery import Child
from tests.site import put_demo_in

ARGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
AWAY = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_EMPTY_RESPONSE",
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
    "Failed to fetch",
    "LENGTH_MISMATCH",
)

failed = pytest.StashKey[bool]()

expect.set_options(timeout=15_000)


@dataclass
class Program:
    """`ingang run --demo` as its own process, on a port that stays the same when it is started again."""

    data: Path
    port: int = 0
    process: Child | None = None
    said: TextIO = field(init=False)

    def start(self) -> None:
        """Start, and wait until it answers."""
        words = ("run", "--demo", "--port", str(self.port), "--data", str(self.data))
        told = nursery.shared().new_name("said")
        os.mkfifo(told)
        self.process = nursery.shared().start(words, told, Path(), os.environ)
        self.said = told.open(encoding="utf-8")
        said = []
        for line in self.said:
            said.append(line)
            if line.strip().startswith("http://"):
                self.port = int(urlsplit(line.strip()).port or 0)
                break
        assert self.port, "".join(said)
        with httpx.Client(transport=httpx.HTTPTransport(retries=8), timeout=20) as client:
            client.get(f"{self.address}/healthz").raise_for_status()

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        sys.stdout.write(self.said.read())  # shown beside a test that fails
        self.said.close()
        self.process = None

    @property
    def address(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """The demo, running on a database where nothing has happened."""
    put_demo_in(tmp_path / "data")
    running = Program(tmp_path / "data")
    running.start()
    yield running
    if running.process is not None:
        running.kill()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(ARGS))
        yield opened
        opened.close()


@dataclass
class Window:
    """Opens pages and remembers what was wrong in them."""

    browser: Browser
    program: Program
    wrong: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    away: bool = False  # the program is killed in this test: a lost connection is what it is about

    def open(self, path: str = "/demo", *, size: ViewportSize = WIDE, dark: bool = False, scripts: bool = True) -> Page:
        """Open a page in a browser of its own."""
        context = self.browser.new_context(
            viewport=size, color_scheme="dark" if dark else "light", java_script_enabled=scripts, locale="sv-SE",
            has_touch=size == NARROW, reduced_motion="reduce",
        )  # fmt: skip
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: self._complain(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda fault: self._complain(str(fault)))
        page.on("dialog", lambda dialog: self._complain(f"a dialog: {dialog.message}"))
        page.on("request", self._watch)
        page.goto(f"{self.program.address}{path}")
        if scripts and path == "/demo":
            expect(page.locator("#now")).not_to_have_text("…")
        return page

    def _complain(self, what: str) -> None:
        if not (self.away and any(sort in what for sort in AWAY)):
            self.wrong.append(what)

    def tell(self) -> None:
        """Print what stood on each page, for whoever reads why a test failed on a machine that is not theirs."""
        for page in (page for context in self.contexts for page in context.pages):
            sys.stdout.write(f"--- {page.url}\n{page.locator('body').inner_text()}\n")

    def _watch(self, request: Request) -> None:
        if urlsplit(request.url).hostname != "127.0.0.1":
            self.wrong.append(f"asked another host: {request.url}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember which test failed, for the fixture that tells what it saw."""
    report = yield
    if report.failed:
        item.stash[failed] = True
    return report


@pytest.fixture
def window(browser: Browser, program: Program, request: pytest.FixtureRequest) -> Iterator[Window]:
    """A way to open pages; fails the test when a page complained or asked another host."""
    opened = Window(browser, program)
    yield opened
    if failed in request.node.stash:
        opened.tell()
    for context in opened.contexts:
        context.close()
    assert opened.wrong == []
