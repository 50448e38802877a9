"""What the ledger holds while a change is under way, and when its end was not seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2 as httpx
import pytest

from app.errors import AccessUnavailable
from app.ledger.grants import Remembered
from app.testing.world import API, Browser, World
from tests.access.acme import (
    CAMPAIGNS,
    MEMBERS,
    PERMISSIONS,
    asked,
    assign,
    change,
    code,
    grant,
    remembered,
    remove,
    revoke,
)
from tests.harness import together

Ask = Callable[[httpx.AsyncClient], Any]


def asking(browser: Browser, method: str, path: str, body: Any = None) -> Ask:
    """One request of this browser, for `together`."""
    headers = {
        "X-BFF": "1",
        "Origin": browser.origin,
        "Cookie": f"bff-dev={browser.session_cookie}",
    }

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        return await client.request(method, API + path, headers=headers, json=body)

    return ask


def once(condition: Callable[[], bool], ask: Ask) -> Ask:
    """The request, as soon as the condition holds."""

    async def wait(client: httpx.AsyncClient) -> Any:
        while not condition():  # noqa: ASYNC110  # it is another thread that makes it true
            await asyncio.sleep(0.002)
        return await ask(client)

    return wait


@pytest.mark.holds(53)
def test_a_refused_change_leaves_the_ledger_as_it_was(either_world: World) -> None:
    """What the platform refused is not remembered, and what was known before is known again."""
    ben = either_world.sign_in("ben")
    change(ben, "cleo", "MANAGER")
    asks: dict[str, Callable[[], httpx.Response]] = {
        "revokeAdAccount": lambda: revoke(ben, "cleo"),
        "changeAdAccount": lambda: change(ben, "cleo", "VIEWER"),
        "assignAdAccount": lambda: grant(ben, "emil", "VIEWER"),
        "deleteTeamMembers": lambda: ben.api("DELETE", f"{MEMBERS}?externalUserId=cleo"),
    }
    for operation, ask in asks.items():
        either_world.fault(operation, "status", status=400)
        assert code(ask()) == "invalid"
        assert remembered(either_world, "cleo") is Remembered.MANAGER, operation
        assert remembered(either_world, "emil") is None
    assert either_world.sign_in("cleo").api("GET", CAMPAIGNS).status_code == 200


@pytest.mark.holds(53)
@pytest.mark.parametrize("after_effect", [True, False])
def test_after_an_unknown_end_the_stricter_side_stands(
    either_world: World, after_effect: bool
) -> None:
    """A cut connection leaves a revocation remembered and a grant not, whatever had happened."""
    ben = either_world.sign_in("ben")
    change(ben, "cleo", "MANAGER")
    change(ben, "dora", "VIEWER")
    for operation in ("revokeAdAccount", "changeAdAccount", "assignAdAccount"):
        either_world.fault(operation, "reset", afterEffect=after_effect)
    assert code(revoke(ben, "cleo")) == "outcome-unknown"
    assert code(change(ben, "dora", "MANAGER")) == "outcome-unknown"
    assert code(grant(ben, "emil", "MANAGER")) == "outcome-unknown"
    assert remembered(either_world, "cleo") is Remembered.REVOKED
    assert remembered(either_world, "dora") is Remembered.VIEWER
    assert remembered(either_world, "emil") is None
    assert code(either_world.sign_in("cleo").api("GET", CAMPAIGNS)) == "forbidden"


@pytest.mark.holds(53)
def test_what_the_platform_did_is_not_undone_in_the_ledger(
    strict_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the ledger could not be written afterwards, a revocation stands and is no failure."""
    ben = strict_world.sign_in("ben")
    change(ben, "cleo", "MANAGER")

    async def away(_entries: object) -> None:
        raise AccessUnavailable(reason="the ledger is away")

    with monkeypatch.context() as broken:
        broken.setattr(strict_world.parts.grants, "settle", away)
        assert code(revoke(ben, "cleo")) == "outcome-unknown"
    assert remembered(strict_world, "cleo") is Remembered.REVOKED


@pytest.mark.holds(53)
def test_a_removal_with_an_unknown_end_ends_what_was_granted(either_world: World) -> None:
    """Who may have been removed from the team has lost what he was granted there."""
    ben = either_world.sign_in("ben")
    change(ben, "cleo", "MANAGER")
    either_world.fault("deleteTeamMembers", "reset", afterEffect=True)
    assert code(ben.api("DELETE", f"{MEMBERS}?externalUserId=cleo")) == "outcome-unknown"
    assert remembered(either_world, "cleo") is Remembered.REVOKED


@pytest.mark.holds(53)
def test_who_comes_back_does_not_get_back_what_he_had(either_world: World) -> None:
    """A member who was removed and assigned again has to be granted his ad accounts anew."""
    ben, cleo = either_world.sign_in("ben"), either_world.sign_in("cleo")
    change(ben, "cleo", "MANAGER")
    cleo.read(CAMPAIGNS)
    remove(ben, "cleo")
    assert code(cleo.api("GET", CAMPAIGNS)) == "not-found"
    assign(ben, "cleo")
    assert code(cleo.api("GET", CAMPAIGNS)) == "forbidden"
    assert grant(ben, "cleo", "VIEWER").status_code == 201
    assert cleo.api("GET", CAMPAIGNS).status_code == 200


@pytest.mark.holds(53)
def test_a_revocation_bites_while_it_is_under_way(either_world: World) -> None:
    """From before it is sent, whoever is to lose an account cannot read it."""
    ben, cleo = either_world.sign_in("ben"), either_world.sign_in("cleo")
    cleo.read(CAMPAIGNS)
    either_world.fault("revokeAdAccount", "latency", seconds=0.3)
    under_way = lambda: asked(either_world, "revokeAdAccount") == 1  # noqa: E731  # a condition
    revoked, read = together(
        [
            asking(ben, "DELETE", f"{PERMISSIONS}/cleo"),
            once(under_way, asking(cleo, "GET", CAMPAIGNS)),
        ],
        either_world.origin,
    )
    assert revoked.status_code == 204
    assert code(read) == "forbidden"


@pytest.mark.holds(53)
def test_of_two_changes_at_once_the_stricter_stands(strict_world: World) -> None:
    """An answer that arrives late does not raise what was lowered meanwhile."""
    ben, ana = strict_world.sign_in("ben"), strict_world.sign_in("ana")
    strict_world.fault("changeAdAccount", "latency", seconds=0.3, afterEffect=True)
    under_way = lambda: asked(strict_world, "changeAdAccount") == 1  # noqa: E731  # a condition
    path = f"{PERMISSIONS}/cleo"
    answers = together(
        [
            asking(ben, "PATCH", path, {"permission": "MANAGER"}),
            once(under_way, asking(ana, "PATCH", path, {"permission": "VIEWER"})),
        ],
        strict_world.origin,
    )
    assert [answer.status_code for answer in answers] == [204, 204]
    assert strict_world.sandbox.world.grants[
        "team-acme-brand", "acc-1001", "cleo"
    ].permission == remembered(strict_world, "cleo")


@pytest.mark.holds(53)
def test_a_late_refusal_does_not_bring_back_what_was_revoked_meanwhile(strict_world: World) -> None:
    """Undoing a refused change leaves alone what another change put in its place."""
    ben, ana = strict_world.sign_in("ben"), strict_world.sign_in("ana")
    change(ben, "cleo", "MANAGER")
    strict_world.sandbox.calls.clear()
    strict_world.fault("changeAdAccount", "status", status=400, seconds=0.3)
    under_way = lambda: asked(strict_world, "changeAdAccount") == 1  # noqa: E731  # a condition
    refused, revoked = together(
        [
            asking(ben, "PATCH", f"{PERMISSIONS}/cleo", {"permission": "VIEWER"}),
            once(under_way, asking(ana, "DELETE", f"{PERMISSIONS}/cleo")),
        ],
        strict_world.origin,
    )
    assert code(refused) == "invalid"
    assert revoked.status_code == 204
    assert remembered(strict_world, "cleo") is Remembered.REVOKED
