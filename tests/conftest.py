"""What every test may ask for, and how browser tests find their browser."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

# The same examples every time in CI, so that a red run can be repeated; new ones on a developer's machine; many more
# where `make faults` asks for them.
hypothesis_settings.register_profile("ci", max_examples=50, deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.register_profile("here", max_examples=50, deadline=None)
hypothesis_settings.register_profile("faults", max_examples=500, deadline=None)
FULL = os.environ.get("INGANG_FAULTS") == "full"
hypothesis_settings.load_profile("faults" if FULL else "ci" if os.environ.get("CI") else "here")

gc.set_threshold(50_000, 20, 100)
"""Six thousand tests stay in memory: to look for garbage among them as often as Python does takes a tenth of a run."""

sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]
"""It is not there, and httpx looks for it at every request to an application of ours: half a millisecond each."""

pytest_plugins = ("tests.databases",)  # store, vault, key_ring, now

# The one that has no windows to draw opens a page in a third of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("INGANG_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
BROWSER_REQUIRED = bool(os.environ.get("INGANG_REQUIRE_BROWSER"))
NO_BROWSER = "no Chromium was found; set INGANG_CHROMIUM to its path"


def pytest_collection_finish() -> None:
    """What is there now stays till the end."""
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium, for tests marked `browser`."""
    if CHROMIUM is None:
        pytest.fail("INGANG_REQUIRE_BROWSER is set and no Chromium was found")
    return CHROMIUM


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser tests where there is no browser and none is demanded."""
    for item in items:
        if item.get_closest_marker("browser") is None:
            continue
        if CHROMIUM is None and not BROWSER_REQUIRED:
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, in one line, that browser tests were skipped."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_BROWSER in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"ingang: {len(skipped)} browser tests were skipped: {NO_BROWSER}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the golden transcripts be written anew."""
    parser.addoption("--update-transcripts", action="store_true", help="write what is said today into the transcripts")
