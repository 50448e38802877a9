"""What a goal says of a number."""

from __future__ import annotations

import pytest

from bench.goals import Goal, Verdict


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [(0.69, Verdict.MISSED), (0.7, Verdict.FLOOR), (1.0, Verdict.AIM), (None, Verdict.UNKNOWN)],
)
def test_more_is_better(measured: float | None, verdict: Verdict) -> None:
    """A ratio has to come up to its floor, and further up to its aim."""
    assert Goal("a ratio", measured, 0.7, 1.0).verdict is verdict


@pytest.mark.parametrize(
    ("measured", "verdict"), [(251, Verdict.MISSED), (250, Verdict.FLOOR), (180, Verdict.AIM)]
)
def test_less_is_better(measured: float, verdict: Verdict) -> None:
    """Memory has to stay below its floor, and further below its aim."""
    assert Goal("memory", measured, 250, 180, most=True).verdict is verdict
