"""What cannot be asked of a dashboard is told field by field, with the way out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.testing.world import World

from .asks import ask, days, period


@pytest.mark.parametrize(
    ("more", "pointer", "words"),
    [
        ({"require": "trend"}, "/query/require", "trend: name it in `parts` as well"),
        ({"parts": "totals", "require": "campaigns"}, "/query/require", "campaigns: name it"),
        ({"parts": "trend", "compare": "previous"}, "/query/compare", "name `totals` in `parts`"),
        ({"parts": "everything"}, "/query/parts/0", "Input should be 'totals', 'campaigns'"),
        ({"compare": "yesterday"}, "/query/compare", "Input should be 'previous'"),
        ({"trend": "hour"}, "/query/trend", "Input should be 'day' or 'week'"),
    ],
)
def test_a_wrong_parameter_is_named(
    strict_world: World, more: dict[str, Any], pointer: str, words: str
) -> None:
    """Each with its pointer and a sentence that says what to do; nothing is asked of the platform."""
    ben = strict_world.sign_in("ben")
    strict_world.forget_calls()
    answer = ask(ben, days(strict_world, 7) | more)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert words in fault["message"]
    assert strict_world.calls() == []


@pytest.mark.holds(61)
@pytest.mark.parametrize(
    ("length", "step", "words"),
    [
        (32, "day", "has 32 points, of at most 31: use trend=week or a shorter period"),
        (365, "week", "of at most 31: use a shorter period"),
    ],
)
def test_a_trend_has_31_points_at_most(
    strict_world: World, length: int, step: str, words: str
) -> None:
    """A longer one is refused with the way out; one of 31 is served."""
    ben = strict_world.sign_in("ben")
    answer = ask(ben, days(strict_world, length) | {"trend": step})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/query/trend"
    assert words in fault["message"]
    shortest = {"trend": "week", "parts": "trend"}
    assert ask(ben, days(strict_world, 200) | shortest).status_code == 200


@pytest.mark.holds(72)
def test_before_the_first_day_of_all_there_is_nothing_to_compare_with(strict_world: World) -> None:
    """The calendar's first days have no period before them: that is said, and is no accident."""
    ben = strict_world.sign_in("ben")
    first = period(date.min, date(1, 1, 2))
    answer = ask(ben, first | {"compare": "previous"})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault == {
        "pointer": "/query/compare",
        "message": "there is no period of that length before this one",
    }
    later = period(date(1, 1, 3), date(1, 1, 4))
    for asked in (first, later | {"compare": "previous"}):
        assert ask(ben, asked | {"parts": "totals"}).status_code == 200
