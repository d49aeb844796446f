"""Finding, filling in and fitting a text; what is left out of an SMS; which languages are on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

import messages
from messages.catalog import MUST_BE_OWN, Button, Catalog, MissingFactsError, UnknownMessageError
from messages.options import UnknownOptionError
from messages.samples import NOW, worlds
from messages.sms import measure

FOLDER = Path(messages.__file__).parent


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the Swedish and English texts, to be broken."""
    for language in ("sv", "en"):
        shutil.copytree(FOLDER / language, tmp_path / language, ignore=shutil.ignore_patterns("words"))
    return tmp_path


def facts(catalog: Catalog, text: str, /, **more: Any) -> dict[str, Any]:
    message = catalog.find(text)
    return next(worlds(text, message.fields, catalog.books["sv"].help_lines)) | more


def sms(catalog: Catalog, text: str, /, **more: Any) -> str:
    return catalog.render(text, style="sms", facts=facts(catalog, text, **more), now=NOW).text


def test_first_sms_of_tone_page(catalog: Catalog) -> None:
    assert sms(catalog, "self_referral/welcome") == (
        "Hej! Det här är Ingång. Vi jobbar på Älvsbyns kommun, med unga som inte jobbar eller pluggar. Jag är en bot. "
        "Anna och Erik läser det du skriver, vardagar kl. 8-16."
    )


def test_choices_are_numbered_lines(catalog: Catalog) -> None:
    text = sms(catalog, "self_referral/meet")
    assert text.splitlines()[1:] == [
        "1 promenad",
        "2 hos oss",
        "3 hemma hos dig",
        "4 telefon",
        "5 video",
        "6 vet inte",
    ]


def test_chat_has_buttons_instead(catalog: Catalog) -> None:
    name = "self_referral/may_ask"
    rendered = catalog.render(name, style="chat", facts=facts(catalog, name), now=NOW)
    assert rendered.buttons == (Button("Ja", "yes"), Button("Nej", "no"))
    assert "Svara JA" not in rendered.text


def test_sms_never_has_buttons(catalog: Catalog) -> None:
    name = "self_referral/may_ask"
    assert catalog.render(name, style="sms", facts=facts(catalog, name), now=NOW).buttons == ()


def test_several_choices_have_no_buttons(catalog: Catalog) -> None:
    name = "self_referral/help"
    rendered = catalog.render(name, style="chat", facts=facts(catalog, name), now=NOW)
    assert rendered.buttons == ()
    assert "5 papper och myndigheter" in rendered.text


def test_municipality_buttons_carry_unit_slugs(catalog: Catalog) -> None:
    name = "self_referral/municipality"
    options = ("pitea", "elsewhere")
    rendered = catalog.render(name, style="chat", facts=facts(catalog, name, options=options), now=NOW)
    assert rendered.buttons == (Button("Piteå", "pitea"), Button("Annan kommun", "elsewhere"))


def test_read_back_buttons_name_the_lines(catalog: Catalog) -> None:
    name = "self_referral/read_back"
    rendered = catalog.render(name, style="chat", facts=facts(catalog, name), now=NOW)
    assert rendered.buttons[0] == Button("Ja, det stämmer", "yes")
    assert Button("Ändra år", "birth_year") in rendered.buttons


def test_nudge_offers_not_now_too(catalog: Catalog) -> None:
    rendered = catalog.render("talk/nudge", style="chat", facts=facts(catalog, "talk/nudge"), now=NOW)
    assert [button.value for button in rendered.buttons] == ["yes", "not_now", "no"]


def test_missing_fact_is_an_error(catalog: Catalog) -> None:
    given = facts(catalog, "self_referral/read_back")
    del given["birth_year"]
    with pytest.raises(MissingFactsError, match="birth_year"):
        catalog.render("self_referral/read_back", style="sms", facts=given, now=NOW)


def test_unknown_message_is_named(catalog: Catalog) -> None:
    with pytest.raises(UnknownMessageError, match="talk/nonsense"):
        catalog.render("talk/nonsense", style="sms", facts={}, now=NOW)


def test_unknown_option_is_named(catalog: Catalog) -> None:
    with pytest.raises(UnknownOptionError, match=r"meet\.boat"):
        sms(catalog, "self_referral/meet", options=("boat",))


def test_undefined_name_in_text_raises(folder: Path) -> None:
    (folder / "sv" / "talk" / "help.j2").write_text("{# fields: #}\nHej {{ nonsense }}.", encoding="utf-8")
    with pytest.raises(UndefinedError):
        sms(Catalog.load(folder), "talk/help")


def test_none_is_never_written(folder: Path) -> None:
    (folder / "sv" / "talk" / "help.j2").write_text("{# fields: name #}\nHej {{ name }}.", encoding="utf-8")
    with pytest.raises(MissingFactsError):
        sms(Catalog.load(folder), "talk/help", name=None)


def test_file_without_fields_is_refused(folder: Path) -> None:
    (folder / "sv" / "talk" / "help.j2").write_text("Hej.", encoding="utf-8")
    with pytest.raises(ValueError, match="first line"):
        Catalog.load(folder).find("talk/help")


def test_version_follows_the_words(folder: Path) -> None:
    before = Catalog.load(folder).find("talk/help").version
    path = folder / "sv" / "talk" / "help.j2"
    path.write_text(path.read_text(encoding="utf-8") + "Hej.", encoding="utf-8")
    assert Catalog.load(folder).find("talk/help").version != before
    assert Catalog.load().find("talk/help").version == before


def test_jinja_in_a_name_is_inert(catalog: Catalog) -> None:
    assert "{{7*7}}" in sms(catalog, "self_referral/birth_year", name="{{7*7}}")


def test_day_first_sms_says_who(catalog: Catalog) -> None:
    assert sms(catalog, "self_referral/name", first_today=True).startswith("Ingång: Tack.")


def test_name_already_said_is_not_repeated(catalog: Catalog) -> None:
    assert sms(catalog, "self_referral/welcome", first_today=True).count("Ingång") == 1


def test_chat_does_not_say_who(catalog: Catalog) -> None:
    given = facts(catalog, "self_referral/name", first_today=True)
    assert catalog.render("self_referral/name", style="chat", facts=given, now=NOW).text.startswith("Tack.")


def test_revealing_name_is_left_out(catalog: Catalog) -> None:
    given = facts(catalog, "self_referral/birth_year", name="ADHD-Kim")
    rendered = catalog.render("self_referral/birth_year", style="sms", facts=given, now=NOW)
    assert rendered.text == "Hej. Vilket år är du född?"
    assert rendered.withheld == ("name",)


def test_name_in_another_alphabet_is_kept_while_it_fits(catalog: Catalog) -> None:
    given = facts(catalog, "self_referral/birth_year", name="سارة")
    rendered = catalog.render("self_referral/birth_year", style="sms", facts=given, now=NOW)
    assert "سارة" in rendered.text
    assert measure(rendered.text).segments == 1


def test_name_that_breaks_the_length_is_left_out(catalog: Catalog) -> None:
    given = facts(catalog, "self_referral/read_back", name="سارة")
    rendered = catalog.render("self_referral/read_back", style="sms", facts=given, now=NOW)
    assert rendered.withheld == ("name",)
    assert measure(rendered.text).encoding == "GSM-7"
    assert rendered.text.startswith("Jag har skrivit: född 2003, Älvsbyn")


def test_dear_signs_in_names_are_folded(catalog: Catalog) -> None:
    assert "Zoe" in sms(catalog, "self_referral/birth_year", name="Zoë")


def test_missing_text_falls_back_to_swedish(folder: Path) -> None:
    (folder / "en" / "talk" / "old_button.j2").unlink()
    catalog = Catalog.load(folder)
    rendered = catalog.render("talk/old_button", language="en", style="sms", facts={}, now=NOW)
    assert rendered.text == catalog.render("talk/old_button", style="sms", facts={}, now=NOW).text


def test_unknown_language_falls_back_to_swedish(catalog: Catalog) -> None:
    assert catalog.find("talk/help", "xx").language == "sv"


@pytest.mark.parametrize("name", MUST_BE_OWN)
def test_language_without_first_care_is_off(folder: Path, name: str) -> None:
    (folder / "en" / f"{name}.j2").unlink()
    assert Catalog.load(folder).languages() == ("sv",)


def test_language_nobody_stands_for_is_off(folder: Path) -> None:
    path = folder / "en" / "language.toml"
    written = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("written_by")]
    path.write_text("\n".join(written), encoding="utf-8")
    assert Catalog.load(folder).languages() == ("sv",)


def test_offer_follows_the_languages_on(folder: Path) -> None:
    assert sms(Catalog.load(folder), "self_referral/may_ask").endswith("English? Write EN.")
    shutil.rmtree(folder / "en")
    assert "English" not in sms(Catalog.load(folder), "self_referral/may_ask")


def test_why_is_a_swedish_sentence(catalog: Catalog) -> None:
    assert catalog.why("stop").endswith(".")
    with pytest.raises(KeyError):
        catalog.why("nonsense")
