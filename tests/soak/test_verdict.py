"""The judge of a soak: whatever is not as it was told is found."""

from __future__ import annotations

import pytest

from tests.soak.intents import End, Intent
from tests.soak.places import PLACES
from tests.soak.verdict import Verdict, judge_money


def intent(end: End, made: str | None = None, name: str = "one") -> Intent:
    wanted = Intent(0, "ben", PLACES[0], "createTrafficCampaign", name, seed=1)
    wanted.new_key()
    wanted.end, wanted.made = end, made
    return wanted


@pytest.mark.parametrize(
    ("ends", "there"),
    [
        ([End.CREATED], ["a"]),
        ([End.SETTLED, End.SETTLED], ["a", "b"]),
        ([End.OPEN], []),
        ([End.OPEN], ["a"]),
        ([End.FAILED], []),
        ([End.SEEN], ["a"]),
        ([End.CREATED, End.SEEN], ["a"]),
        ([End.CREATED, End.FAILED], ["a"]),
    ],
)
def test_what_may_be(ends: list[End], there: list[str]) -> None:
    """As many are there as were told of, and no more than were wanted."""
    verdict = Verdict()
    judge_money(verdict, [intent(end) for end in ends], {"one": there})
    assert verdict.broken == []


@pytest.mark.parametrize(
    ("kind", "ends", "there"),
    [
        ("duplicates", [End.CREATED], ["a", "b"]),
        ("duplicates", [End.OPEN], ["a", "b"]),
        ("duplicates", [], ["a"]),
        ("lost", [End.CREATED], []),
        ("lost", [End.SETTLED, End.CREATED], ["a"]),
        ("lost", [End.SEEN], []),
        ("failed_but_there", [End.FAILED], ["a"]),
        ("failed_but_there", [End.CREATED, End.FAILED], ["a", "b"]),
    ],
)
def test_what_must_not_be(kind: str, ends: list[End], there: list[str]) -> None:
    """One too many, one too few, and one that was denied are each told as what they are."""
    verdict = Verdict()
    judge_money(verdict, [intent(end) for end in ends], {"one": there})
    assert [one.partition(":")[0] for one in verdict.broken] == [kind]


@pytest.mark.parametrize("made", [("a", "a"), ("a", "c")])
def test_ids_are_their_own(made: tuple[str, str]) -> None:
    """No two are told of under one id, and none under an id that is not there."""
    verdict = Verdict()
    judge_money(verdict, [intent(End.SETTLED, one) for one in made], {"one": ["a", "b"]})
    assert [one.partition(":")[0] for one in verdict.broken] == ["claimed"]
