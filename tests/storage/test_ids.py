from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import ids

TIMES = st.datetimes(datetime(2020, 1, 2), datetime(2088, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@pytest.fixture(autouse=True)
def fresh_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_last", 0)


@given(st.lists(TIMES, min_size=2, max_size=30))
def test_ids_always_rise_whatever_the_clock(moments: list[datetime]) -> None:
    given_ids = [ids.new_id(moment) for moment in moments]
    assert given_ids == sorted(set(given_ids))
    assert all(0 < each < 1 << 63 for each in given_ids)


@given(TIMES)
def test_an_id_tells_when_it_was_made(moment: datetime) -> None:
    ids._last = 0
    assert abs(ids.time_of(ids.new_id(moment)) - moment) < timedelta(milliseconds=1)


def test_a_standing_clock_gives_rising_ids(now: datetime) -> None:
    made = [ids.new_id(now) for _ in range(10_000)]
    assert made == sorted(set(made))
    assert ids.time_of(made[-1]) - now < timedelta(seconds=1)


def test_threads_never_get_the_same_id(now: datetime) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: [ids.new_id(now) for _ in range(500)], range(8)))
    assert len({each for some in made for each in some}) == 4000


def test_two_processes_start_apart(now: datetime) -> None:
    starts = set()
    for _ in range(50):
        ids._last = 0
        starts.add(ids.new_id(now))
    assert len(starts) > 45


def test_another_zone_gives_the_same_moment(now: datetime) -> None:
    there = now.astimezone(timezone(timedelta(hours=9)))
    assert ids.time_of(ids.new_id(there)) == now


@pytest.mark.parametrize("year", [1970, 2019, 2095])
def test_a_clock_far_off_is_refused(year: int) -> None:
    with pytest.raises(ValueError, match="set the clock"):
        ids.new_id(datetime(year, 6, 1, tzinfo=UTC))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        ids.new_id(datetime(2026, 11, 23, 8, 30))  # noqa: DTZ001 - the point of the test


def test_children_of_one_process_never_give_the_same_id(now: datetime) -> None:
    ids.new_id(now.replace(year=2080))  # what the parent gave last lies ahead of the children's clock
    told = []
    for _ in range(6):
        reads, writes = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writes, str(ids.new_id(now)).encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(writes)
        told.append(os.read(reads, 100))
        os.close(reads)
    ids._last = 0
    assert len(set(told)) == 6
