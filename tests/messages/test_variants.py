"""A unit's own words: a template taken apart and put together says the same, and a text is only ever copied."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from messages.catalog import Catalog, MissingFactsError
from messages.fields import CONDITIONS, VALUES
from messages.samples import NOW, worlds
from messages.variants import HAS_CONDITIONS, LOCKED_FLOWS, Editable, Locked, editable, faults, read, tidy_text

CATALOG = Catalog.load()
NAMES = CATALOG.names()
BIRTH_YEAR = "self_referral/birth_year"
DAY_BEFORE = "appointment/day_before"
OPEN = [name for name in NAMES if isinstance(CATALOG.editable(name), Editable)]


def base(name: str) -> Editable:
    found = CATALOG.editable(name)
    assert isinstance(found, Editable)
    return found


def render(name: str, text: str, style: str = "sms", /, **facts: object) -> str:
    own = read(base(name), text)
    world = next(iter(worlds(name, CATALOG.find(name).fields, CATALOG.books["sv"].help_lines)))
    given_facts = {**world, **facts}
    return CATALOG.render(name, style=style, facts=given_facts, now=NOW, variants={name: own}).text  # type: ignore[arg-type]


def test_most_messages_can_be_worded_by_a_unit() -> None:
    assert len(OPEN) > 90
    for name in ("appointment/confirmation", "appointment/three_days", DAY_BEFORE, "appointment/missed", "talk/nudge"):
        assert name in OPEN


@pytest.mark.parametrize("name", OPEN)
def test_the_projects_own_text_put_together_again_says_the_same(name: str) -> None:
    message, own = CATALOG.find(name), read(base(name), base(name).text)
    every = list(worlds(name, message.fields, CATALOG.books["sv"].help_lines))
    for facts in every[:: max(1, len(every) // 40)]:
        for style in ("sms", "chat"):
            theirs = CATALOG.render(name, style=style, facts=facts, now=NOW)
            ours = CATALOG.render(name, style=style, facts=facts, now=NOW, variants={name: own})
            assert (ours.text, ours.buttons, ours.withheld) == (theirs.text, theirs.buttons, theirs.withheld)
            assert (ours.version, theirs.version) == (own.version, message.version)


def test_first_care_is_the_same_for_everybody() -> None:
    for name in NAMES:
        if name.partition("/")[0] in LOCKED_FLOWS:
            assert isinstance(CATALOG.editable(name), Locked), name
    for name in ("self_referral/welcome", "talk/help_who", "for_someone_else/knows", "self_referral/under_15"):
        assert isinstance(CATALOG.editable(name), Locked), name


@pytest.mark.parametrize(
    "source",
    [
        "{% for one in readers %}{{ one }}{% endfor %}",
        "{% set x = name %}Hej",
        "{% if birth_year > 2000 %}Hej{% endif %}",
        "Hej {{ name or 'du' }}",
        "Hej {{ lines.bris.says }}",
        "{{ name | reverse }}",
    ],
)
def test_other_conditions_cannot_be_worded(source: str) -> None:
    found = editable("talk/left", source, CATALOG.books["sv"].environment)
    assert found == Locked("talk/left", HAS_CONDITIONS)


def test_every_field_is_a_word_that_can_be_typed() -> None:
    for known in (*VALUES.values(), *CONDITIONS.values()):
        assert known.name == known.name.casefold().strip()
        assert known.about.endswith(".")


# --- what is typed ----------------------------------------------------------------------------------------------------


def test_a_name_is_filled_in_and_leaves_no_gap() -> None:
    assert render(BIRTH_YEAR, "Hej {förnamn}. Vilket år?") == "Hej Kim. Vilket år?"
    assert render(BIRTH_YEAR, "Hej {förnamn}. Vilket år?", name=None) == "Hej. Vilket år?"
    assert render(BIRTH_YEAR, "Vilket år?") == "Vilket år?"


def test_a_field_with_a_capital_begins_a_sentence() -> None:
    text = "{Tid} ses vi {med vem}: {mötesform}. {plats} {frågan}"
    said = render(DAY_BEFORE, text)
    assert said.startswith("Torsdag") or said[0].isupper()
    assert said[1:] == render(DAY_BEFORE, text.replace("{Tid}", "{tid}"))[1:]


def test_an_empty_line_is_a_new_line() -> None:
    assert render(BIRTH_YEAR, "Hej.\n\nVilket år?") == "Hej.\nVilket år?"
    assert render(BIRTH_YEAR, "Hej.\nVilket år?", "chat") == "Hej.\n\nVilket år?"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (BIRTH_YEAR, "", "Texten är tom."),
        (BIRTH_YEAR, "Hej {namn}. Vilket år?", "Fältet {namn} finns inte i den här texten. Fälten är: {förnamn}."),
        (BIRTH_YEAR, "Hej {förnamn. Vilket år?", "Tecknen { och } används bara runt ett fält."),
        (BIRTH_YEAR, "Vilket år? " * 200, "Texten har 2200 tecken. Den får ha högst 1000."),
        ("self_referral/help", "Vad vill du? Skriv KLAR.", "Fältet {val} måste vara med."),
        ("self_referral/help", "Vad vill du? {val}", "KLAR måste stå kvar med stora bokstäver"),
        ("talk/left", "Hej {förnamn}", "Fältet {förnamn} finns inte i den här texten. Texten har inga fält."),
        ("appointment/new_time.again", "Vill du? Svara JA.", "INTE NU måste stå kvar"),
    ],
)
def test_what_cannot_be_used_is_told(name: str, text: str, told: str) -> None:
    found = list(faults(base(name), text))
    assert any(each.startswith(told) for each in found), found
    with pytest.raises(ValueError, match=r"."):
        read(base(name), text)
    assert CATALOG.variant(name, text) is None


@pytest.mark.parametrize(
    "typed",
    [
        "{{ 7 * 7 }}",
        "{% for x in range(9) %}x{% endfor %}",
        "{{ self.__init__.__globals__ }}",
        "{förnamn.__class__}",
        "{# fields: #}",
    ],
)
def test_a_template_is_never_run(typed: str) -> None:
    text = f"Vilket år? {typed}"
    assert list(faults(base(BIRTH_YEAR), text))
    assert CATALOG.variant(BIRTH_YEAR, text) is None


@given(st.text(st.characters(exclude_characters="{}"), min_size=1, max_size=200))
def test_words_are_only_copied(typed: str) -> None:
    text = tidy_text(typed)
    if list(faults(base(BIRTH_YEAR), text)):
        return
    own = read(base(BIRTH_YEAR), text)
    said = own.write({"name": "Kim"})
    assert said.replace("\ue001", "").split() == text.split()


@given(st.text(max_size=300))
def test_tidying_twice_changes_nothing(typed: str) -> None:
    once = tidy_text(typed)
    assert tidy_text(once) == once


def test_signs_that_cannot_be_seen_are_taken_out() -> None:
    assert tidy_text("  He\u200bj\u202e \r\n\r\n\r\n\tKim\x00 ") == "Hej\n\nKim"
    assert tidy_text("\ue000\ue001") == ""


def test_another_language_keeps_its_own_words() -> None:
    own = read(base(BIRTH_YEAR), "Vilket år?")
    world = next(iter(worlds(BIRTH_YEAR, CATALOG.find(BIRTH_YEAR).fields, ())))
    said = CATALOG.render(BIRTH_YEAR, language="en", style="sms", facts=world, now=NOW, variants={BIRTH_YEAR: own})
    assert "Vilket" not in said.text


def test_a_fact_that_is_missing_is_still_an_error() -> None:
    own = read(base(BIRTH_YEAR), "Vilket år?")
    with pytest.raises(MissingFactsError):
        CATALOG.render(BIRTH_YEAR, style="sms", facts={}, now=NOW, variants={BIRTH_YEAR: own})


def test_a_text_that_no_longer_fits_gives_way_to_the_projects_own() -> None:
    environment: Environment = CATALOG.books["sv"].environment
    newer = editable("talk/left", "Hej. {{ readers | names }} läser.", environment)
    assert isinstance(newer, Editable)
    assert list(faults(newer, "Okej."))
