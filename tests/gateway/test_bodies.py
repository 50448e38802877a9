"""Every field of every body: what is not as declared is a 422 with a pointer to just that field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from app.catalogue.operation import Operation
from app.testing.asks import Ask
from app.testing.world import Browser, World
from tests.access.examples import FACTS, TOKENS
from tests.proxy.asks import OPERATIONS, WHO, ask_of

Place = tuple[str | int, ...]

OPTION = [{"id": "6003107902433", "name": "Hiking"}]
CAMPAIGN: Mapping[str, Any] = {
    "status": "PAUSED",
    "startDate": "2099-01-01",
    "endDate": "2099-01-02",
    "specialAdCategories": ["CREDIT"],
    "specialAdCountry": ["DE"],
    "audienceId": ["au_1"],
    "instagramActorId": "ig_1",
    "catalogId": "cat_1",
    "productSetId": "set_1",
    "customConversionId": "cc_1",
    "pixelId": "px_1",
    "conversionEvent": "PURCHASE",
    "conversionLocation": "APP",
    "optimizationGoal": "LINK_CLICKS",
    "engagementType": "POST_ENGAGEMENT",
    "appId": "app_1",
    "objectStoreUrl": "https://store.example/app_1",
}
CREATIVES = {"videoId": "v_1", "thumbnailUrl": "https://shop.example/t.jpg", "description": "New"}
CREATIVES |= {"url": "https://shop.example/tents"}
TARGETING: Mapping[str, Any] = {
    "excludedGeoLocations": [{"type": "city", "id": "2418779"}],
    "genders": [1],
    "ageMin": 18,
    "ageMax": 35,
    "locales": [6],
    "relationshipStatuses": [1],
    "educationStatuses": ["3"],
    **dict.fromkeys(
        (
            *("interests", "behaviors", "lifeEvents", "industries", "income", "familyStatuses"),
            *("educationSchools", "educationMajors", "workEmployers", "workPositions"),
        ),
        OPTION,
    ),
}
THANKS = {"countryCode": "DE", "businessPhoneNumber": "+49 30 000000"}
INTRO = {"title": "Hello", "style": "LIST_STYLE", "content": ["One", "Two"]}
REDIRECT = {"redirect": "/"}
WITH_BODY = {
    operation.id: operation for operation in OPERATIONS if operation.body_model is not None
}
TOO_LONG = "x" * 10_000


def full(operation: type[Operation[Any]]) -> Ask:
    """The operation's example with all of its optional fields as well."""
    ask = ask_of(operation)
    assert ask.body is not None
    assert operation.body_model is not None
    body = copied(ask.body)
    names = {info.alias for info in operation.body_model.model_fields.values()}
    if "creatives" in names:
        body |= {name: value for name, value in CAMPAIGN.items() if name in names}
        body["creatives"] |= CREATIVES
        body["targeting"] |= TARGETING
    elif "thankYouPage" in names:
        body |= {"introPage": INTRO}
        body["thankYouPage"] |= THANKS
        body["questions"].reverse()  # the first one has choices
    elif "redirect" in names:
        body |= REDIRECT
    return Ask(ask.method, ask.route, ask.path, ask.query, body)


def schemas(operation: type[Operation[Any]]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The schema of every place in the body; of an array its first item stands for all."""
    assert operation.body_model is not None
    whole = operation.body_model.model_json_schema(by_alias=True)

    def below(schema: dict[str, Any], place: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
        for choice in schema.get("anyOf", ()):
            if choice.get("type") != "null":
                yield from below(choice, place)
                return
        if "$ref" in schema:
            yield from below(whole["$defs"][schema["$ref"].rpartition("/")[2]], place)
            return
        yield place, schema
        for name, part in schema.get("properties", {}).items():
            yield from below(part, (*place, name))
        if schema.get("type") == "array":
            yield from below(schema["items"], (*place, 0))

    return below(whole, ())


def faults(operation: type[Operation[Any]]) -> Iterator[tuple[Place, Any]]:
    """Bodies with one fault each, and where it is."""
    body = full(operation).body
    for place, schema in schemas(operation):
        value = at(body, place)
        for wrong in wrong_values(schema):
            yield place, replaced(body, place, wrong)
        if isinstance(value, dict):
            yield (*place, "undeclared"), replaced(body, (*place, "undeclared"), 1)
            for name in schema.get("required", ()):
                yield (*place, name), without(body, (*place, name))
                yield (*place, name), replaced(body, (*place, name), None)


def wrong_values(schema: dict[str, Any]) -> list[Any]:
    """Of another type, or beyond the bounds."""
    match schema.get("type"):
        case "object":
            return ["text", 1, []]
        case "array":
            most = schema["maxItems"]
            return ["text", {}, *([[]] if schema.get("minItems") else []), [None] * (most + 1)]
        case "integer":
            return [True, "7", 1.5, -1, {}] if "minimum" in schema else [True, "7", 1.5, {}]
        case "string":
            return [1, True, {}, ["text"], TOO_LONG, "a\u0000b", "a\u007fb"]
        case other:
            raise AssertionError(other)


def copied(body: Any) -> Any:
    """As JSON has it: no part of it stands in two places."""
    return json.loads(json.dumps(body))


def at(body: Any, place: Place) -> Any:
    """What stands there: a place of the schema that the full body does not fill is a KeyError."""
    for step in place:
        body = body[step]
    return body


def replaced(body: Any, place: Place, value: Any) -> Any:
    made = copied(body)
    if not place:
        return value
    at(made, place[:-1])[place[-1]] = value
    return made


def without(body: Any, place: Place) -> Any:
    made = copied(body)
    del at(made, place[:-1])[place[-1]]
    return made


@pytest.fixture(scope="module")
def ana(shared_world: World) -> Browser:
    """The workspace's admin, who may send every body."""
    return shared_world.sign_in(WHO)


@pytest.mark.holds(60, 61, 62, 72)
@pytest.mark.parametrize("operation", WITH_BODY)
def test_each_fault_is_told_by_its_pointer_and_nothing_is_sent(
    shared_world: World, ana: Browser, operation: str
) -> None:
    """Another type, a bound, a missing or an undeclared field, at any depth: 422 at that place."""
    declared, ask = WITH_BODY[operation], full(WITH_BODY[operation])
    shared_world.forget_calls()
    tried, wrong = 0, []
    for place, body in faults(declared):
        answer = ana.api(ask.method, ask.target, json=body)
        told = {fault["pointer"] for fault in answer.json().get("errors", ())}
        pointer = "".join(f"/{step}" for step in ("body", *place))
        # Items that are too many may each be a fault as well.
        elsewhere = {one for one in told if not f"{one}/".startswith(f"{pointer}/")}
        if answer.status_code != 422 or not told or elsewhere:
            wrong.append(f"{pointer}: {answer.status_code} {sorted(told)} for {json.dumps(body)}")
        tried += 1
    assert wrong == []
    assert tried > 8
    assert {call["name"] for call in shared_world.calls()} <= TOKENS | FACTS


@pytest.mark.parametrize("text", ["Two\nlines", "Two\r\nlines", "A\ttab"])
def test_copy_may_have_lines_where_a_headline_has_one(
    shared_world: World, ana: Browser, text: str
) -> None:
    """Line breaks of an ad's text arrive as they were written; a headline with one is told of."""
    ask = ask_of(WITH_BODY["createTrafficCampaign"])
    long = replaced(ask.body, ("creatives", "primaryText"), text)
    assert ana.api(ask.method, ask.target, json=long).status_code == 201
    sent = json.loads(shared_world.calls("createTrafficCampaign")[-1]["body"])
    assert sent["creatives"]["primaryText"] == text
    broken = replaced(ask.body, ("creatives", "headline"), text)
    answer = ana.api(ask.method, ask.target, json=broken)
    pointers = [fault["pointer"] for fault in answer.json()["errors"]]
    assert (answer.status_code, pointers) == (422, ["/body/creatives/headline"])
