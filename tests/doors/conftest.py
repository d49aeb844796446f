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
