"""What `ingang explain when|phone|sms` answers."""

from __future__ import annotations

from datetime import UTC, datetime

from ingang.explain_values import explain_phone, explain_sms, explain_when

NOW = datetime(2026, 12, 2, 10, 0)  # noqa: DTZ001 - a Swedish time as typed after --now


def test_explained_minute_has_its_offset() -> None:
    assert explain_when("torsdag nästa vecka halv tre", NOW) == {
        "text": "torsdag nästa vecka halv tre",
        "start": "2026-12-10T14:30+01:00",
        "end": "2026-12-10T14:30+01:00",
        "exact": True,
        "assumed": ["2.30 means 14.30"],
        "why": "thursday, next week, at 2.30",
    }


def test_explained_window_tells_hours_and_others() -> None:
    said = explain_when("nästa vecka efter lunch", NOW)
    assert (said["start"], said["end"]) == ("2026-12-07T13:00+01:00", "2026-12-13T17:00+01:00")
    assert said["daily"] == ["13:00", "17:00"]
    assert [other["start"] for other in explain_when("tisdag eller onsdag", NOW)["also"]] == ["2026-12-09T00:00+01:00"]


def test_unread_time_has_no_start() -> None:
    said = explain_when("fredag 3/12", NOW)
    assert said["start"] is None
    assert said["why"] == "the weekday and the date do not fit together"


def test_time_of_another_zone_is_made_local() -> None:
    utc = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    assert explain_when("om en timme", utc)["start"] == "2026-12-02T11:00+01:00"


def test_explained_phone_has_three_fields() -> None:
    assert explain_phone("070-123 45 67") == {"input": "070-123 45 67", "e164": "+46701234567", "mobile": True}
    assert explain_phone("112") == {"input": "112", "e164": None, "mobile": False}


def test_explained_sms_shows_both_costs() -> None:
    assert explain_sms("vänta…") == {
        "given": {"encoding": "UCS-2", "segments": 1},
        "sent": {"text": "vänta...", "encoding": "GSM-7", "segments": 1},
    }
