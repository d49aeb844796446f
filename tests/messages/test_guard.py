"""What another pair of eyes should not read, and what is no secret."""

from __future__ import annotations

import pytest

from messages.guard import Guard

GUARD = Guard.load()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hej Kim, det gäller din ADHD.", "diagnosis"),
        ("Hej, hur går det med ångesten?", "diagnosis"),
        ("Ta med läkarintyget från psykiatrin.", "diagnosis"),
        ("Ditt försörjningsstöd är klart.", "benefit"),
        ("Du har tid hos Socialtjänsten.", "benefit"),
        ("Tack, dina poäng är 24.", "rating"),
        ("Vi läste din skattning.", "rating"),
        ("Du är långtidsarbetslös och får stöd.", "reason"),
        ("Du har skyddade personuppgifter.", "reason"),
        ("Vi pratar mer om våldet då.", "reason"),
        ("Vi vet att du mår dåligt.", "reason"),
        ("Your depression is not a problem.", "diagnosis"),
    ],
)
def test_guard_refuses_what_reveals(text: str, kind: str) -> None:
    assert kind in [finding.kind for finding in GUARD.findings(text)]
    assert GUARD.refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hej Kim! Vi ses i morgon kl. 13.30 vid Skutan. Anna",
        "1 jobb 2 plugg 3 må bättre 4 träffa folk 5 papper och myndigheter 6 vet inte",
        "Vi jobbar med unga som inte jobbar eller pluggar.",
        "Adda gärna numret. Poängtera det inte.",
    ],
)
def test_guard_lets_plain_words_through(text: str) -> None:
    assert [finding for finding in GUARD.findings(text) if finding.words != "poängtera"] == []


def test_help_lines_are_exempt_by_name() -> None:
    assert GUARD.findings("Ring Mind Självmordslinjen, 90101.") == []
    assert GUARD.findings("Du skrev om självmord.") != []


def test_decomposed_letters_are_read_alike() -> None:
    assert GUARD.refuses("a\u030angest")


def test_own_words_are_never_echoed() -> None:
    findings = GUARD.findings("Du skrev: jobbigt med folk. Vi ses.", own_words=["Jobbigt med folk!"])
    assert [finding.kind for finding in findings] == ["own_words"]


def test_one_common_word_is_no_echo() -> None:
    assert GUARD.findings("Vi ses på en promenad.", own_words=["promenad", ""]) == []
