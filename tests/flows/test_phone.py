"""Phone numbers in every writing, and numbers that must never pass."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.phone import NO_PHONE, Phone, read_phone

SAME = [
    "0701234567",
    "070-123 45 67",
    "070 123 45 67",
    "070–123 45 67",
    "070—1234567",
    "070.123.45.67",
    "070/123 45 67",
    "070-123\u00a045\u00a067",
    "(070) 123 45 67",
    "070 - 123 45 67",
    "+46701234567",
    "+46 70 123 45 67",
    "+46(0)701234567",
    "+46 (0)70-123 45 67",
    "+46 ( 0 ) 70 123 45 67",
    "0046701234567",
    "0046 (0)70 123 45 67",
    "46701234567",
    "+460701234567",
    "701234567",
    "\uff10\uff17\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
    "\uff0b46701234567",
    "٠٧٠١٢٣٤٥٦٧",
    "07\u200b01234567\u202c",
    "\u202a+46701234567\u202c",
    "mitt nr är 0701234567 ring helst efter 3",
    "0701234567 15",
    "0701234567, kl 14-16",
    "ring 070-1234567.",
    "tel:+46701234567",
    "0701234567\n1",
    "0701234567 eller +46701234567",
    "0️⃣7️⃣0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣",
]

OTHERS = [
    ("0721234567", "+46721234567", True),
    ("0731234567", "+46731234567", True),
    ("0761234567", "+46761234567", True),
    ("0791234567", "+46791234567", True),
    ("0911-23 45 67", "+46911234567", False),
    ("08-12 34 56 78", "+46812345678", False),
    ("010-123 45 67", "+46101234567", False),
    ("+358 40 123 4567", "+358401234567", True),
    ("00358 40 1234567", "+358401234567", True),
    ("+47 412 34 567", "+4741234567", True),
    ("+380 50 123 45 67", "+380501234567", True),
    ("+45 32 12 34 56", "+4532123456", True),
]

NEVER = [
    "",
    "112",
    "1177",
    "116111",
    "116 111",
    "116123",
    "90101",
    "90390",
    "+46112",
    "+46116111",
    "0046 1177",
    "ring 112",
    "hej",
    "070",
    "070-123",
    "070123456",
    "07012345678",
    "0700000",
    "041 234 567 89",
    "20030415-1234",
    "030415-1234",
    "2026-12-03 14:30",
    "4 o 6",
    "0900-123 45 67",
    "0701234567 eller 0731234567",
    "070kalle1234567",
    "358401234567",
]


@pytest.mark.parametrize("text", SAME)
def test_every_writing_gives_the_same_number(text: str) -> None:
    assert read_phone(text) == Phone("+46701234567", True)


@pytest.mark.parametrize(("text", "e164", "mobile"), OTHERS)
def test_other_numbers_know_their_kind(text: str, e164: str, mobile: bool) -> None:
    assert read_phone(text) == Phone(e164, mobile)


@pytest.mark.parametrize("text", NEVER)
def test_these_are_never_a_number(text: str) -> None:
    assert read_phone(text) == NO_PHONE


@given(st.text(max_size=300))
def test_any_text_gives_a_number_or_none(text: str) -> None:
    phone = read_phone(text)
    assert phone == NO_PHONE or re.fullmatch(r"\+\d{7,15}", phone.e164 or "")


@given(st.text(st.sampled_from("0123456789+-() "), max_size=300))
def test_any_digits_give_a_number_or_none(text: str) -> None:
    phone = read_phone(text)
    assert phone == NO_PHONE or re.fullmatch(r"\+\d{7,15}", phone.e164 or "")


@given(st.sampled_from(["70", "72", "73", "76", "79"]), st.integers(0, 9_999_999), st.data())
def test_spacing_changes_no_mobile_number(prefix: str, rest: int, data: st.DataObject) -> None:
    digits = f"0{prefix}{rest:07}"
    spaced = "".join(digit + data.draw(st.sampled_from(["", "", " ", "-", "–", "\u00a0"])) for digit in digits)
    assert read_phone(spaced) == Phone("+46" + digits[1:], True)


LONG = {
    "1" * 300: None,
    "07 " * 100: "+46707070707",
    "+" * 300: None,
    "0701234567 " * 27: "+46701234567",
    "(0)" * 100: None,
    "1" * 1_000_000: None,
}


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:3])
def test_what_could_keep_a_pattern_busy_is_read_to_its_end(text: str) -> None:
    assert read_phone(text).e164 == LONG[text]
