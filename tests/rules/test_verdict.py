from dataclasses import FrozenInstanceError

import pytest

from rules.verdict import Verdict


def test_a_verdict_stands_as_given() -> None:
    verdict = Verdict(ok=False, why_sv="Personen har skrivit STOPP.")
    assert verdict.retry_at is None
    with pytest.raises(FrozenInstanceError):
        verdict.ok = True  # type: ignore[misc]
