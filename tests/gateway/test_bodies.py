"""Every field of every body: what is not as declared is a 422 with a pointer to just that field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.catalogue.operation import Operation
from app.testing.world import Browser, World
from tests.access.examples import FACTS, TOKENS
from tests.proxy.asks import OPERATIONS, WHO, ask_of
from tests.proxy.bodies import Place, at, full, replaced, schemas, without

WITH_BODY = {
    operation.id: operation for operation in OPERATIONS if operation.body_model is not None
}
TOO_LONG = "x" * 10_000


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


@pytest.fixture(scope="module")
def ana(shared_world: World) -> Browser:
    """The workspace's admin, who may send every body."""
    return shared_world.sign_in(WHO)


@pytest.mark.parametrize("operation", WITH_BODY)
def test_the_body_that_faults_are_made_of_has_none(strict_world: World, operation: str) -> None:
    """With every field filled it is sent, and taken: only an enterprise has its workspace."""
    ask = full(WITH_BODY[operation])
    answer = strict_world.sign_in(WHO).api(ask.method, ask.target, json=ask.body)
    if operation == "createWorkspace":
        assert answer.status_code == 409, answer.text
    else:
        assert answer.is_success, answer.text


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
