"""Tables taken out by a page: who may, what comes, and that nothing of it stays."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

import openpyxl

from storage import audit
from tests.staff.pages.conftest import Rooms


def left_behind() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("ingang-export-*"))


def test_a_file_comes_and_nothing_of_it_stays(rooms: Rooms) -> None:
    before = left_behind()
    who = rooms.town.person("alvsbyn", name="=Kim")
    rooms.town.referral(who)
    other = rooms.town.person("pitea", name="Noor")
    rooms.town.referral(other)
    browser = rooms.logged_in("Anna", "samordnare")
    fields = {"what": "referrals", "form": "xlsx"}
    answer = browser.fill("/personal/uttag", fields, on="/personal/uttag")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="anmalningar.xlsx"'
    cells = [str(cell.value) for row in openpyxl.load_workbook(BytesIO(answer.content)).active for cell in row]
    assert any("Kim" in cell for cell in cells)
    assert not any("Noor" in cell for cell in cells)  # another unit's
    assert left_behind() == before
    with rooms.town.store.read() as tx:
        assert [each.action for each in audit.list_latest(tx, 2)] == ["export", "export.begin"]


def test_messages_are_for_those_who_may_read_them(rooms: Rooms) -> None:
    browser = rooms.as_member(rooms.hire("dataskydd", name="Dag"))
    page = browser.see("/personal/uttag")
    assert "Meddelanden" not in page
    assert 'value="ratings"' not in page
    assert browser.fill("/personal/uttag", {"what": "messages", "form": "csv"}).status_code == 422
    browser.see("/personal/uttag")
    assert browser.fill("/personal/uttag", {"what": "ratings", "form": "csv"}).status_code == 422
    browser.see("/personal/uttag")
    assert browser.fill("/personal/uttag", {"what": "participants", "form": "csv"}).status_code == 200


def test_password_is_asked_for_again(rooms: Rooms) -> None:
    browser = rooms.logged_in("Anna", "samordnare")
    rooms.wait(minutes=6)
    assert "påverkar andra" in browser.see("/personal/uttag")


def test_wrong_fields_are_told_beside_them(rooms: Rooms) -> None:
    browser = rooms.logged_in("Anna", "samordnare")
    fields = {"what": "allt", "form": "pdf", "since": "i går"}
    answer = browser.fill("/personal/uttag", fields, on="/personal/uttag")
    assert answer.status_code == 422
    assert all(f'id="{name}-error"' in answer.text for name in ("what", "form", "since"))
    browser.see("/personal/uttag")
    assert browser.fill("/personal/uttag", {"what": "referrals", "form": "csv", "enhet": "pitea"}).status_code == 404
