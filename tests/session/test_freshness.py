"""How long a published document is fresh."""

from __future__ import annotations

import pytest

from app.session.freshness import seconds_fresh


@pytest.mark.parametrize(
    ("cache_control", "age", "seconds"),
    [
        ("", "", 3600),
        ("public", "", 3600),
        ("max-age=1000", "", 1000),
        ('PUBLIC , Max-Age="1000"', "", 1000),
        ("max-age=1000, must-revalidate", "100", 900),
        ("max-age=1000", "900", 300),
        ("max-age=1000", "2000", 300),
        ("max-age=1000", "-5", 1000),
        ("max-age=0", "", 300),
        ("max-age=86400", "", 3600),
        ("max-age=86400", "86000", 400),
        ("max-age=" + "9" * 5000, "", 3600),
        ("max-age=" + "9" * 5000, "9" * 5000, 300),
        ("max-age=-1", "", 3600),
        ("max-age=1e3", "", 3600),
        ("max-age=٣٠٠", "", 3600),
        ("max-age", "", 3600),
        ("s-maxage=400", "", 3600),
        ("no-store", "", 300),
        ("no-cache, max-age=1000", "", 300),
        ("private, no-store", "", 300),
        (",,=,;", "", 3600),
    ],
)
def test_seconds_fresh(cache_control: str, age: str, seconds: int) -> None:
    """What Cache-Control grants counts between five minutes and an hour; nonsense grants nothing."""
    assert seconds_fresh({"cache-control": cache_control, "age": age}) == seconds


def test_silence_is_an_hour() -> None:
    """A document without either header is fresh for an hour."""
    assert seconds_fresh({}) == 3600
