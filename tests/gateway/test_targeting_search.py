"""Targeting search: every type, by text, with an ad account and without one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.catalogue.meta_account import TargetingType
from app.testing.world import Browser, World

SEARCH = "/teams/team-acme-brand/meta/targeting"
FIELDS = {"id", "name", "type", "countryCode", "region", "path", "audienceSize"}
# Some text for each type, and one of the names that have it.
TEXTS = {
    "location": ("berlin", "Berlin"),
    "locale": ("german", "German"),
    "interest": ("hik", "Hiking"),
    "behavior": ("TRAVEL", "Frequent travellers"),
    "educationSchool": ("university", "Lakeside University"),
    "educationMajor": ("law", "Law"),
    "workEmployer": ("globex", "Globex Home"),
    "workPosition": ("engineer", "Software engineer"),
    "familyStatus": ("toddlers", "Parents with toddlers (1-2 years)"),
    "lifeEvent": ("newly", "Newly engaged (3 months)"),
    "industry": ("health", "Health care and medical services"),
    "income": ("top 5%", "Household income: top 5% of ZIP codes"),
}
IN_A_TREE = {"interest", "behavior", "familyStatus", "lifeEvent", "industry", "income"}


@pytest.fixture
def ben(shared_world: World) -> Browser:
    """The team's ADMIN."""
    return shared_world.sign_in("ben")


def test_every_documented_type_is_searched_here() -> None:
    """The twelve types of the platform's table, and no other."""
    assert set(TEXTS) == set(TargetingType)
    assert len(TEXTS) == 12


@pytest.mark.parametrize("account", [None, "act_1001"])
@pytest.mark.parametrize("kind", TEXTS)
def test_a_search_finds_what_has_the_text(
    shared_world: World, ben: Browser, kind: str, account: str | None
) -> None:
    """Only matching items, typed as the surface says; the platform is asked for just this."""
    text, name = TEXTS[kind]
    named = {"adAccountId": account} if account else {}
    shared_world.forget_calls()
    items = ben.read(SEARCH, type=kind, query=text, **named)["items"]
    assert name in [item["name"] for item in items]
    for item in items:
        assert text.casefold() in item["name"].casefold()
        check(item, kind)
    (call,) = shared_world.calls("searchTargeting")
    assert json.loads(call["body"]) == {"type": kind, "query": text}
    assert call["path"].partition("?")[2] == (f"adAccountId={account}" if account else "")


def check(item: dict[str, Any], kind: str) -> None:
    """The fields of one item: texts, but for a path of texts and a size in whole people."""
    assert item.keys() == FIELDS
    told = {name: value for name, value in item.items() if value is not None}
    path, size = told.pop("path", None), told.pop("audienceSize", None)
    assert all(isinstance(value, str) and value for value in told.values())
    assert (path is not None) is (size is not None) is (kind in IN_A_TREE)
    if path is not None:
        assert path[-1] == item["name"]
        assert type(size) is int
        assert size > 0
    if kind == "location":
        assert item["type"] in {"country", "region", "city"}
        assert len(item["countryCode"]) == 2
        assert (item["region"] is not None) is (item["type"] == "city")
    else:
        assert {item["type"], item["countryCode"], item["region"]} == {None}


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_that_nothing_has_finds_nothing(ben: Browser, kind: str) -> None:
    """An empty list, not an error."""
    assert ben.read(SEARCH, type=kind, query="nothing is called like this")["items"] == []


@pytest.mark.holds(61)
@pytest.mark.parametrize(
    ("asked", "pointers"),
    [
        ({"type": "mood", "query": "a"}, {"/query/type"}),
        ({"type": "INTEREST", "query": "a"}, {"/query/type"}),
        ({"type": "", "query": "a"}, {"/query/type"}),
        ({"query": "a"}, {"/query/type"}),
        ({"type": "interest"}, {"/query/query"}),
        ({"type": "interest", "query": ""}, {"/query/query"}),
        ({"type": "interest", "query": "   "}, {"/query/query"}),
        ({"type": "interest", "query": "a" * 101}, {"/query/query"}),
        ({}, {"/query/type", "/query/query"}),
        ({"type": "interest", "query": "a", "adAccountId": "act/1001"}, {"/query/adAccountId"}),
    ],
)
def test_a_faulty_search_is_told_by_parameter_and_not_sent(
    shared_world: World, ben: Browser, asked: dict[str, str], pointers: set[str]
) -> None:
    """An unknown type and a missing, blank or overlong text are 422; the platform sees nothing."""
    shared_world.forget_calls()
    answer = ben.api("GET", SEARCH, params=asked)
    assert answer.status_code == 422, answer.text
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers
    assert shared_world.calls() == []
