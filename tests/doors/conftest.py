"""The program behind a test client, for every test of a door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import Site, open_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The demo, on a database of its own."""
    with open_site(tmp_path / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One demo for all tests of what is refused."""
    with open_site(tmp_path_factory.mktemp("house") / "data") as opened:
        yield opened
