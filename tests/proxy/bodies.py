"""Every field of every body: a full example of each, and the places in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.catalogue.operation import Operation
from app.testing.asks import Ask
from tests.proxy.asks import ask_of

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
    "conversionLocation": "WEBSITE",
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


def full(operation: type[Operation[Any]]) -> Ask:
    """The operation's example with all of the optional fields of its body as well."""
    ask = ask_of(operation)
    if operation.body_model is None:
        return ask
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
