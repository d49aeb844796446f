from __future__ import annotations

import pytest

from storage.db import Store
from tests.scheduler.street import Street


@pytest.fixture
def street(store: Store) -> Street:
    return Street(store)


@pytest.fixture
def blind(store: Store) -> Street:
    """The same, with a channel that cannot look up what it took."""
    return Street(store, finds=False)
