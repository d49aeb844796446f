"""Every text keeps the rules; and a text that breaks one is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import messages
from messages.catalog import Catalog
from messages.checks import MOST_LIX, STYLES, check, flow_lix

FOLDER = Path(messages.__file__).parent
CATALOG = Catalog.load()


@pytest.mark.parametrize("language", CATALOG.languages())
def test_every_text_keeps_the_rules(language: str) -> None:
    faults = check(CATALOG, language)
    assert faults == [], "\n".join(map(str, faults))


@pytest.mark.parametrize("language", CATALOG.languages())
@pytest.mark.parametrize("style", STYLES)
def test_every_flow_is_easy_to_read(language: str, style: str) -> None:
    heavy = flow_lix(CATALOG, language, style)  # type: ignore[arg-type]
    assert set(heavy) >= {"self_referral", "for_someone_else", "already_signed_up", "talk", "first_care"}
    assert max(heavy.values()) <= MOST_LIX


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the Swedish texts with a flow of its own for planted faults."""
    folder = tmp_path_factory.mktemp("messages")
    shutil.copytree(FOLDER / "sv", folder / "sv", ignore=shutil.ignore_patterns("words"))
    (folder / "sv" / "planted").mkdir()
    return folder


PLANTED = [
    ("field not declared", "fields: ", "Hej {{ name }}."),
    ("field not used", "fields: name", "Hej."),
    ("field without samples", "fields: weather", "Det är {{ weather }}."),
    ("too long a sentence", "fields: ", "Vi går på en lång promenad i dag och sen går vi hem och äter lite mat ihop."),
    ("more than one question", "fields: ", "Vill du? Kan du?"),
    ("too long or dear an sms", "fields: name", "Hej {{ name or 'du' }}. " + "Vi ses i dag. " * 25),
    ("too long or dear an sms", "fields: ", "Hej \U0001f600."),
    ("untidy", "fields: ", "Vi ses kl. 9\u201315."),
    ("untidy", "fields: name", "Hej {{ name or '' }} ."),
    ("too loud", "fields: ", "Hej! Hej!"),
    ("name too often", "fields: name", "Hej {{ name or '' }}. Vi ses {{ name or '' }}."),
    ("a word of the provider", "fields: ", "Skriv STOP om du vill sluta."),
    ("words", "fields: ", "Tyvärr kan vi inte ses."),
    ("words", "fields: ", "Du   måste svara."),
    ("words", "fields: ", "Jag förstår att det är svårt."),
    ("words", "fields: ", "Jag förstod inte. Skriv igen."),
    ("words", "fields: ", "Bra jobbat."),
    ("words", "fields: ", "Vi ses t.ex. i dag."),
    ("inverted condition", "fields: ", "Vill du ses, svara JA."),
    ("inverted condition", "fields: ", "Hej. Är du under 18, ring oss."),
    ("guard", "fields: ", "Vi ses och pratar om din diagnos."),
    ("guard", "fields: ", "Vi har sett dina skattningar."),
]


@pytest.mark.parametrize(("rule", "header", "text"), PLANTED)
def test_planted_fault_is_found(home: Path, rule: str, header: str, text: str) -> None:
    (home / "sv" / "planted" / "bad.j2").write_text(f"{{# {header} #}}\n{text}\n", encoding="utf-8")
    faults = check(Catalog.load(home), names=["planted/bad"], folder=home)
    assert rule in [fault.rule for fault in faults]


def test_plain_text_has_no_faults(home: Path) -> None:
    text = "{# fields: name #}\nHej{% if name %} {{ name }}{% endif %}. Vill du ses? Svara JA om du vill.\n"
    (home / "sv" / "planted" / "good.j2").write_text(text, encoding="utf-8")
    assert check(Catalog.load(home), names=["planted/good"], folder=home) == []


def test_question_without_second_try_is_found(home: Path) -> None:
    (home / "sv" / "planted" / "may_ask.j2").write_text("{# fields: #}\nFår jag fråga?\n", encoding="utf-8")
    faults = check(Catalog.load(home), names=["planted/may_ask"], folder=home)
    assert [fault.rule for fault in faults] == ["second try missing"]


def test_heavy_flow_is_found(home: Path) -> None:
    folder = home / "sv" / "heavy"
    folder.mkdir()
    text = "{# fields: #}\nKommunens arbetsmarknadsenhet erbjuder individuellt anpassade insatser.\n"
    (folder / "text.j2").write_text(text, encoding="utf-8")
    assert flow_lix(Catalog.load(home), "sv", "sms")["heavy"] > MOST_LIX
