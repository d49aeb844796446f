"""What we do with what people write is told in one plain page."""

from __future__ import annotations

import re
from html import unescape

from messages.lix import lix
from storage import staff
from tests.site import Site


def _text(page: str) -> str:
    body = page.split("<article", 1)[1].split("</article>", maxsplit=1)[0]
    return unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</(p|li|h1|h2)>", ". ", body)))


def test_page_names_who_reads_and_when(site: Site) -> None:
    page = site.client.get("/d/info").text
    assert "Anna och Erik läser det du skriver, vardagar kl. 8-16." in page
    assert "0980-319 200" in page
    assert "Sara läser" in page


def test_those_who_have_left_are_not_named(site: Site) -> None:
    with site.app.store.begin() as tx:
        erik = next(one for one in staff.list_staff(tx) if one.first_name == "Erik")
        staff.disable(tx, erik.id, site.app.clock.now())
    page = site.client.get("/d/info").text
    assert "Anna läser" in page
    assert "Erik" not in page


def test_rights_and_ways_out_are_told(site: Site) -> None:
    page = site.client.get("/d/info").text
    for word in (
        "MINA UPPGIFTER",
        "RÄTTA",
        "RADERA MIG",
        "STOPP",
        "BÖRJA",
        "allmän handling",
        "90101",
        "116 111",
        "112",
    ):
        assert word in page
    assert 'id="tillganglighet"' in page
    assert "digg.se/tdosanmalan" in page


def test_page_is_easy_to_read(site: Site) -> None:
    text = re.sub(r"\s+", " ", _text(site.client.get("/d/info").text))
    assert lix([text]) <= 36
    assert not re.search(r"tyvärr|du måste|samtycke|avseende|\bej\b|[–—!]", text, re.IGNORECASE)


def test_pages_fetch_nothing_from_elsewhere(site: Site) -> None:
    for path in ("/d/info", "/chatt", "/demo"):
        answer = site.client.get(path)
        fetched = re.findall(r'(?:src|href)="([^"]+)"', re.sub(r"<a [^>]+>", "", answer.text))
        assert fetched
        assert all(address.startswith("/") for address in fetched)
        size = len(answer.content) + sum(len(site.client.get(address).content) for address in fetched)
        assert size < 100_000
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=|<style", answer.text)


def test_files_are_kept_while_they_last(site: Site) -> None:
    page = site.client.get("/d/info").text
    address = re.findall(r'href="(/static/base\.css[^"]*)"', page)[0]
    first = site.client.get(address)
    assert "immutable" in first.headers["cache-control"]
    again = site.client.get("/static/base.css", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for missing in ("nothing.css", "..%2f__init__.py", "%00"):
        assert site.client.get(f"/static/{missing}").status_code == 404
