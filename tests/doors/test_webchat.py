"""The web chat: a talk by plain forms or by script, kept by a cookie, whatever a stranger sends."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.base import CUT, LONGEST_IN
from bot.doors import webchat
from bot.doors.webchat import COOKIE, address_of
from storage import contacts, timeline
from storage.errors import StoreUnavailable
from storage.timeline import Line
from tests.site import Site

FORM = {"content-type": "application/x-www-form-urlencoded"}


def _lines(site: Site) -> list[Line]:
    token = site.client.cookies.get(COOKIE)
    with site.app.store.read() as tx:
        who = contacts.find(tx, "web", address_of(str(token)))
        return timeline.of_contact(tx, who.contact_id) if who else []


def _said(site: Site) -> list[str | None]:
    return [line.text for line in _lines(site) if line.who == "person"]


def _shown(site: Site) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = site.client.get("/chatt/messages").json()["messages"]
    return told


def test_opening_the_page_changes_nothing(site: Site) -> None:
    answer = site.client.get("/chatt", params={"start": "alvsbyn_affisch"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "Ingång Älvsbyn" in answer.text
    assert site.client.get("/chatt/messages").json()["messages"] == []


def test_whole_talk_by_plain_forms(site: Site) -> None:
    begun = site.client.post("/chatt", data={"begin": "1", "start": "alvsbyn_affisch"})
    assert (begun.status_code, begun.headers["location"]) == (303, "/chatt#skriv")
    page = site.client.get("/chatt").text
    assert "Jag är en bot" in page
    yes = next(each for each in _shown(site)[-1]["buttons"] if each["label"] == "Ja")
    site.client.post("/chatt", data={"button": yes["value"]})
    site.client.post("/chatt", data={"text": "kim"})
    assert "Hej Kim" in site.client.get("/chatt").text
    assert _said(site)[0] == "/start alvsbyn_affisch"
    assert "/start" not in site.client.get("/chatt").text


@pytest.mark.parametrize("begins", [{"begin": "1"}, {"text": "hej, jag såg er lapp"}])
def test_poster_that_led_here_is_kept_whether_one_presses_or_writes(site: Site, begins: dict[str, str]) -> None:
    site.client.post("/chatt", data={**begins, "start": "alvsbyn_affisch"})
    with site.app.store.read() as tx:
        who = contacts.find(tx, "web", address_of(str(site.client.cookies.get(COOKIE))))
    assert who is not None
    assert who.talk is not None
    assert (who.talk.facts["poster"], who.talk.facts["unit"]) == ("alvsbyn_affisch", "alvsbyn")


def test_cookie_is_hidden_from_scripts(site: Site) -> None:
    cookie = site.client.post("/chatt", data={"text": "hej"}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    token = str(site.client.cookies.get(COOKIE))
    assert len(token) == 43
    assert token not in address_of(token)


def test_cookie_is_bound_to_https_there(site: Site) -> None:
    behind_a_proxy = {"x-forwarded-proto": "https"}
    cookie = site.client.post("/chatt", data={"text": "hej"}, headers=behind_a_proxy).headers["set-cookie"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert "Secure" in cookie


def test_strangers_cookie_opens_no_talk(site: Site) -> None:
    site.client.post("/chatt", data={"text": "hej"})
    site.client.cookies.clear()
    assert site.client.get("/chatt/messages").json()["messages"] == []
    site.client.cookies.set(COOKIE, "<script>")
    assert site.client.get("/chatt/messages").json()["messages"] == []


def test_same_id_again_changes_nothing(site: Site) -> None:
    site.client.post("/chatt", data={"text": "hej"})
    for _ in range(5):
        assert site.post("/chatt/messages", {"id": "aaaaaaaa-1", "text": "ja"}).json() == {"kept": True}
    assert _said(site) == ["hej", "ja"]


def test_unchanged_talk_is_told_shortly(site: Site) -> None:
    site.client.post("/chatt", data={"text": "hej"})
    mark = site.client.get("/chatt/messages").json()["mark"]
    assert site.client.get("/chatt/messages", params={"mark": mark}).json() == {"mark": mark, "changed": False}


def test_closing_the_chat_forgets_the_cookie(site: Site) -> None:
    site.client.post("/chatt", data={"text": "hej"})
    assert "stängd" in site.client.post("/chatt/leave", data={}).text
    assert site.client.get("/chatt/messages").json()["messages"] == []


def test_post_from_another_site_is_refused(site: Site) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        assert site.client.post("/chatt", data={"text": "hej"}, headers=headers).status_code == 403
        assert site.post("/chatt/messages", {"text": "hej"}, headers=headers).status_code == 403
    assert (
        site.client.post("/chatt", data={"text": "hej"}, headers={"sec-fetch-site": "same-origin"}).status_code == 303
    )


def test_many_messages_in_a_minute_are_slowed(site: Site) -> None:
    site.client.post("/chatt", data={"text": "hej"})
    answers = [site.post("/chatt/messages", {"text": f"rad {number}"}).status_code for number in range(30)]
    assert answers[:15] == [200] * 15
    assert answers[-1] == 429
    slowed = site.client.post("/chatt", data={"text": "en till <b>"})
    assert slowed.status_code == 429
    assert "en till &lt;b&gt;" in slowed.text


def test_unwritable_store_keeps_words_in_the_form(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(message: object) -> None:
        raise StoreUnavailable("full")

    monkeypatch.setattr(site.app, "receive", fails)
    answer = site.client.post("/chatt", data={"text": "mina ord"})
    assert answer.status_code == 503
    assert "mina ord" in answer.text
    assert "set-cookie" not in answer.headers
    assert site.post("/chatt/messages", {"text": "hej"}).status_code == 503


NASTY = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{ 7*7 }} {% for x in y %}",
    "'; DROP TABLE inbound; --",
    "نعم 👍🏽 \u202eabc",
    "\ud800 ensam",
    "a\x00b\x07",
    "%s {0} \r\nX: y",
]


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_is_kept_and_only_shown(site: Site, text: str) -> None:
    body = json.dumps({"text": text}).encode()
    assert site.client.post("/chatt/messages", content=body).status_code == 200
    (said,) = _said(site)
    assert said is not None
    assert "\x00" not in said
    page = site.client.get("/chatt")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert html.escape(said).replace("&#x27;", "&#39;").replace("\r\n", "\n") in page.text.replace("\r\n", "\n")


def test_megabyte_of_text_is_cut_visibly(site: Site) -> None:
    assert site.client.post("/chatt", data={"text": "å" * 300_000}).status_code == 303
    (said,) = _said(site)
    assert said is not None
    assert len(said) == LONGEST_IN
    assert said.endswith(CUT)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b"\xff\xfe", 422),
        (b'{"text": 1}', 422),
        (b'{"text": null}', 422),
        (b'{"text": {"a": 1}}', 422),
        (b'{"button": []}', 422),
        (b"[" * 200_000, 422),
        (b"9" * 10_000, 422),
        (b'{"text": "' + b"a" * 2_000_000 + b'"}', 413),
    ],
)
def test_what_cannot_be_read_is_told_so(open_house: Site, body: bytes, status: int) -> None:
    answer = open_house.client.post("/chatt/messages", content=body)
    assert answer.status_code == status
    assert isinstance(answer.json()["detail"], str)


def test_forms_that_are_no_forms_are_told_so(open_house: Site) -> None:
    assert open_house.client.post("/chatt", content=b"a" * 2_000_001, headers=FORM).status_code == 413
    assert open_house.client.post("/chatt", content=b"&".join([b"a=1"] * 50), headers=FORM).status_code == 422
    assert open_house.client.post("/chatt", files={"text": b"hej"}).status_code == 415
    assert open_house.client.post("/chatt", content=b"text=%ff%fe%00", headers=FORM).status_code == 303
    assert open_house.client.post("/chatt", content=b"", headers=FORM).status_code == 303


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300))
def test_no_body_makes_the_chat_fail(site: Site, body: bytes) -> None:
    assert site.client.post("/chatt/messages", content=body).status_code < 500
    assert site.client.post("/chatt", content=body, headers=FORM).status_code < 500


def test_events_tell_of_each_change(site: Site) -> None:
    site.client.post("/chatt", data={"text": "hej"})
    with site.client.stream("GET", "/chatt/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: changed"


def test_unit_is_named_only_where_known() -> None:
    assert webchat.POSTER.fullmatch("alvsbyn_affisch")
    assert not webchat.POSTER.fullmatch("a" * 65)
    assert not webchat.POSTER.fullmatch("<b>")
