"""The towns of the tests of turns that meet."""

from __future__ import annotations

import pytest

from storage.db import Store
from tests.meeting_town import MeetingTown


@pytest.fixture
def meeting_town(store: Store) -> MeetingTown:
    """The town with signed-up people, on each database."""
    return MeetingTown(store)
