"""What stands on a poster and what its codes hold."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.talks import poster_of
from messages.checks import StyleRules
from messages.lix import lix, sentences, words
from staff.people import DeskFault
from staff.poster_pdf import draw, qr_png
from staff.posters import Poster, Ways, find_unit, make_poster, source_word
from storage.db import Store
from storage.units import Unit
from tests.town import Town

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
UNIT = Unit(
    1, "alvsbyn", "Ingång Älvsbyn", "Älvsbyn", {"phone": "0929-170 00", "address": "Storgatan 27"}
)  # fmt: skip
ALL = Ways("ingang_bot", "+46701740605", "https://ingang.example")


def held(poster: Poster) -> dict[str, str]:
    return {code.name: code.holds for code in poster.codes}


def text_of(page: bytes) -> str:
    """The words that are drawn, in the order in which they are drawn."""
    streams = [
        zlib.decompress(each) for each in re.findall(rb"FlateDecode[^>]*>>\s*stream\n(.*?)\nendstream", page, re.DOTALL)
    ]
    drawn = max(streams, key=lambda each: each.count(b" Tj"))
    said = re.findall(rb"\((.*?)(?<!\\)\) Tj", drawn, re.DOTALL)
    return " ".join(each.replace(rb"\(", b"(").replace(rb"\)", b")").decode("latin-1") for each in said)


def test_each_code_holds_exactly_what_its_way_in_reads() -> None:
    assert held(make_poster(UNIT, "Coop Forum", ALL)) == {
        "SMS": "sms:+46701740605?&body=Hej%20alvsbyn_coop-forum",
        "Telegram": "https://t.me/ingang_bot?start=alvsbyn_coop-forum",
        "Chatt på webben": "https://ingang.example/chatt?start=alvsbyn_coop-forum",
    }


@pytest.mark.parametrize(
    ("ways", "names"),
    [
        (Ways(bot="ingang_bot"), ["Telegram"]),
        (Ways(number="+46701740605"), ["SMS"]),
        (Ways(chat="https://ingang.example/"), ["Chatt på webben"]),
        (replace(ALL, bot=""), ["SMS", "Chatt på webben"]),
    ],
)
def test_only_the_ways_that_are_set_up_are_printed(ways: Ways, names: list[str]) -> None:
    made = make_poster(UNIT, "coop", ways)
    assert list(held(made)) == names
    told = text_of(draw(made, NOW))
    for way in ("SMS", "Telegram", "Chatt på webben"):
        assert (way in told) == (way in names)


def test_the_page_says_who_we_are_and_where_to_ring() -> None:
    page = draw(make_poster(UNIT, "coop", ALL), NOW)
    assert page.startswith(b"%PDF-")
    assert page.rstrip().endswith(b"%%EOF")
    told = text_of(page)
    for words_ in (
        "Ingång Älvsbyn", "15 till 29 år", "Har du skyddade personuppgifter?", "Ring oss: 0929-170 00",
        "Älvsbyns kommun", "Storgatan 27", "070-174 06 05", "@ingang_bot", "ingang.example/chatt", "alvsbyn_coop",
        "En bot svarar först.",
    ):  # fmt: skip
        assert words_ in told


def test_a_screen_reader_learns_title_language_and_what_the_codes_are() -> None:
    page = draw(make_poster(UNIT, "coop", ALL), NOW)
    assert b"/Lang (sv)" in page
    assert b"/DisplayDocTitle true" in page
    assert b"/Marked true" in page
    assert "Ingång Älvsbyn: skriv till oss".encode("utf-16-be").hex().encode() in page.lower()
    told = [bytes.fromhex(each.decode()).decode("utf-16") for each in re.findall(rb"/Alt <([0-9a-f]+)>", page)]
    assert told == [
        "QR-kod som öppnar ett SMS till 070-174 06 05",
        "QR-kod som öppnar Telegram hos @ingang_bot",
        "QR-kod som öppnar ingang.example/chatt",
    ]


def modules(png: bytes) -> list[list[bool]]:
    """The black squares of a picture in black and white, of which each module is ten by ten."""
    side = int.from_bytes(png[16:20], "big")
    begins = png.index(b"IDAT") + 4
    raw = zlib.decompress(png[begins : begins + int.from_bytes(png[begins - 8 : begins - 4], "big")])
    step, row, rows = 1 + (side + 7) // 8, bytes(side), []
    for at in range(0, len(raw), step):
        kind, line = raw[at], raw[at + 1 : at + step]
        assert kind in (0, 2)  # as it stands, or what differs from the row above
        row = line if kind == 0 else bytes((one + up) % 256 for one, up in zip(line, row, strict=True))
        rows.append([not row[x // 8] >> (7 - x % 8) & 1 for x in range(5, side, 10)])
    return rows[5::10]


def test_the_pictures_are_the_codes_module_by_module() -> None:
    poster = make_poster(UNIT, "coop", ALL)
    sides = []
    for code in poster.codes:
        made = segno.make(code.holds, error="m", micro=False)
        assert modules(qr_png(code.holds)) == [[bool(module) for module in row] for row in made.matrix_iter(border=4)]
        sides.append(made.symbol_size(scale=10, border=4)[0])
    page = draw(poster, NOW)
    assert [int(each) for each in re.findall(rb"/Width (\d+)", page)] == sides


def test_the_same_poster_is_the_same_file() -> None:
    poster = make_poster(UNIT, "coop", ALL)
    assert draw(poster, NOW) == draw(poster, NOW)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("coop", "alvsbyn_coop"),
        ("ICA Älvsbyn", "alvsbyn_ica-alvsbyn"),
        ("  Ungdomens hus (entrén)! ", "alvsbyn_ungdomens-hus-entren"),
        ("väntrum_2", "alvsbyn_vantrum_2"),
        ("../../etc", "alvsbyn_etc"),
        ("a&b=c#d", "alvsbyn_a-b-c-d"),
        ("７", "alvsbyn_7"),
    ],
)
def test_a_source_in_anybodys_words_becomes_one_that_every_way_can_carry(source: str, word: str) -> None:
    assert source_word("alvsbyn", source) == word


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "inga bokstäver"),
        (" -_- ", "inga bokstäver"),
        ("مرحبا", "inga bokstäver"),
        ("x" * 57, "skriv högst 56 tecken"),
        ("stopp", "välj ett annat ord"),
        ("jag vill dö", "välj ett annat ord"),
    ],
)
def test_a_source_that_cannot_be_is_refused_with_the_way_out(source: str, told: str) -> None:
    with pytest.raises(DeskFault, match=told):
        source_word("alvsbyn", source)


@given(st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True), st.text(max_size=30))
def test_whatever_is_taken_is_read_back_the_same_on_every_way(slug: str, source: str) -> None:
    try:
        word = source_word(slug, source)
    except DeskFault:
        return
    unit = replace(UNIT, slug=slug)
    sms, telegram, chat = (code.holds for code in make_poster(unit, source, ALL).codes)
    assert poster_of(unquote(sms.partition("body=")[2]), [slug]) == word
    for address in (telegram, chat):
        (carried,) = parse_qs(urlsplit(address).query)["start"]
        assert carried == word
        assert poster_of(f"/start {carried}") == word
    assert len(word) <= 64


@pytest.mark.parametrize("missing", ["phone", "address"])
@pytest.mark.parametrize("value", ["", "  ", None])
def test_a_unit_without_what_must_stand_there_gets_no_poster(missing: str, value: str | None) -> None:
    with pytest.raises(DeskFault, match="alvsbyn har inte") as told:
        make_poster(replace(UNIT, settings={**UNIT.settings, missing: value}), "coop", ALL)
    assert "Inställningar" in told.value.way_out


def test_no_way_in_is_no_poster() -> None:
    with pytest.raises(DeskFault, match="ingen väg") as told:
        make_poster(UNIT, "coop", Ways())
    assert "web.public_url" in told.value.way_out


@pytest.mark.parametrize("number", ["+4670", "+46", "070174", "x"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(DeskFault, match="inget nummer"):
        make_poster(UNIT, "coop", Ways(number=number))


def test_a_sign_that_the_font_lacks_is_named() -> None:
    with pytest.raises(DeskFault, match="Č") as told:
        draw(make_poster(replace(UNIT, name="Ingång Čohkkiras"), "coop", ALL), NOW)
    assert "--font" in told.value.way_out


def test_a_file_that_is_no_font_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "font.ttf"
    bad.write_bytes(b"nothing of the sort")
    for font in (bad, tmp_path / "none.ttf"):
        with pytest.raises(DeskFault, match="typsnitt"):
            draw(make_poster(UNIT, "coop", ALL), NOW, font)


def test_long_names_still_make_one_page_and_longer_ones_are_refused() -> None:
    unit = replace(UNIT, name="Ungdomsmottagningen för arbete och studier i Västra Skinnskatteberg")
    assert b"/Count 1" in draw(make_poster(unit, "coop", ALL), NOW)
    with pytest.raises(DeskFault, match="för långt"):
        draw(make_poster(replace(UNIT, name="Ungdomsmottagning " * 14), "coop", ALL), NOW)


def test_a_unit_that_is_not_there_is_answered_with_those_that_are(store: Store) -> None:
    Town(store)
    with pytest.raises(DeskFault, match="alvsbyn, pitea"):
        find_unit(store, "lulea")
    assert find_unit(store, "pitea").settings["phone"] == "0911-69 60 00"


def test_the_posters_words_are_as_plain_as_the_bots() -> None:
    lines = [line for line in make_poster(UNIT, "coop", ALL).words.values() if isinstance(line, str)]
    rules = StyleRules("sv")
    assert [found for line in lines for found in rules.findings("poster", line)] == []
    assert max(len(words(sentence)) for line in lines for sentence in sentences(line)) <= 15
    assert lix(lines) <= 25
