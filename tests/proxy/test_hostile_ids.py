"""Whatever stands where an id belongs, the platform is asked for nothing that is not declared."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import pytest

from app.catalogue.address import Address
from app.catalogue.operation import Operation, Place
from app.catalogue.shapes import is_external_id
from app.testing.world import API, Browser, World
from tests.proxy.asks import OPERATIONS, ask_of, on_wire
from tests.proxy.declared import undeclared_calls
from tests.proxy.wire import request_bytes, send_raw

# Exactly as they stand in the request target.
HOSTILE = (
    "..",
    ".",
    "%2e%2e",
    "%2E%2e",
    "%252e",
    "%252e%252e%252f",
    "x%3Fa%3Db%23",
    "x%23y",
    "%2f",
    "a%2fb",
    "%2Fworkspace%2Facme",
    "%5c",
    "\\",
    "%00",
    "a%00b",
    "%0d%0aX-Evil:%201",
    "%0a",
    "%7f",
    ";",
    "acme;jsessionid=1",
    "acme%3Bx",
    "%ef%bc%8e%ef%bc%8e",
    "%e2%80%a4%e2%80%a4",
    "%e2%80%a5",
    "%c0%ae%c0%ae",
    "%ff",
    "%ed%a0%80",
    "%",
    "%zz",
    "%u002e",
    "%20",
    "%c2%85",
    "e%cc%81",
    "*",
    "a" * 257,
    "...",
)
WITH_PATH = tuple(
    (operation, parameter.name)
    for operation in OPERATIONS
    for parameter in operation.parameters
    if parameter.place is Place.PATH
)


@pytest.mark.holds(35, 36, 49, 72)
@pytest.mark.parametrize(
    ("operation", "name"), WITH_PATH, ids=[f"{op.id}-{name}" for op, name in WITH_PATH]
)
def test_a_hostile_id_in_the_path_reaches_no_other_address(
    shared_world: World, ana: Browser, operation: type[Operation[Any]], name: str
) -> None:
    """Dot segments, separators, controls and their encodings answer 4xx, with nothing undeclared."""
    shared_world.sandbox.calls.clear()
    ask = ask_of(operation)
    for hostile in HOSTILE:
        target = ask.raw(ask.path | {name: hostile})
        answer = send_raw(shared_world.origin, on_wire(ask, ana.session_cookie, target))
        assert answer is not None, hostile
        if name == "externalUserId" and is_external_id(
            unquote(hostile, "utf-8", "surrogateescape")
        ):
            continue  # an odd user id, but an id: it travels in a body
        assert 400 <= answer.status < 500, (hostile, answer)
    assert undeclared_calls(shared_world) == []


@pytest.mark.holds(36, 49, 72)
@pytest.mark.parametrize("path", [f"{API}/workspaces/", "/auth/connected/", "/nowhere/"])
@pytest.mark.parametrize(
    "hidden",
    ["%2f", "a%2Fb", "%5c", "\\", "%00", "%", "a%", "%zz", "%2", "%0a", "%7f", "%ff", "%c0%ae"],
)
def test_a_path_that_could_be_read_in_two_ways_is_400(
    shared_world: World, ana: Browser, path: str, hidden: str
) -> None:
    """Encoded separators, broken encodings, controls and bad UTF-8 are refused before routing."""
    shared_world.sandbox.calls.clear()
    raw = request_bytes((path + hidden).encode(), cookie=ana.session_cookie)
    answer = send_raw(shared_world.origin, raw)
    assert answer is not None
    assert (answer.status, answer.code) == (400, "malformed")
    assert shared_world.sandbox.calls.list() == []


@pytest.mark.holds(36, 49)
@pytest.mark.parametrize(
    "enterprise",
    [
        "...",
        "%2e%2e",
        "a;b=c",
        "a b",
        "a+b",
        "a&b=c",
        "ümläut",
        "日本",
        "a%2Fb",
        "100%",
        "..a",
        "~'()",
    ],
)
def test_an_odd_but_valid_id_arrives_as_it_was_checked(
    shared_world: World, ana: Browser, enterprise: str
) -> None:
    """An id with reserved characters is encoded once: the platform reads the very same id."""
    shared_world.sandbox.calls.clear()
    answer = ana.api("GET", f"/workspaces/{quote(enterprise, safe='')}")
    assert answer.json()["code"] == "not-found"
    asked = [call.path for call in shared_world.sandbox.calls.list() if call.name == "getWorkspace"]
    assert [unquote(path.removeprefix(f"{API}/workspace/")) for path in asked] == [enterprise]
    assert undeclared_calls(shared_world) == []


@pytest.mark.holds(36)
@pytest.mark.parametrize("value", ["", ".", "..", "a\x00b", "a\nb"])
def test_an_address_cannot_be_filled_with_a_path(value: str) -> None:
    """Even if a pattern were forgotten, filling an address refuses what would change the path."""
    with pytest.raises(ValueError, match="path value"):
        Address.parse("GET /team/{id}").fill({"id": value})
