"""Published keys through the whole gateway, with the client that it really has."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import pytest
from starlette.responses import Response

from app.testing.world import API, World, world

from .host_tokens import AUDIENCE, ISSUER, claims
from .hostile_tokens import bad_tokens
from .signers import signer
from .small_publisher import SmallPublisher

SIGNER = signer("EdDSA", "first")


@pytest.fixture
def whole(publisher: SmallPublisher) -> Iterator[World]:
    """A gateway that trusts what the publisher lists."""
    publisher.keys = [SIGNER.published()]
    jwt = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "algorithms": ("EdDSA", "PS256"),
        "jwks_url": publisher.url,
    }
    with world(identity={"jwt": jwt, "same_users": True}) as running:
        yield running


def ask(whole: World, token: str) -> httpx2.Response:
    with httpx2.Client(base_url=whole.origin, trust_env=False) as client:
        bearer = {"Authorization": f"Bearer {token}"}
        return client.get(f"{API}/workspaces/globex", headers=bearer)


def good(whole: World) -> str:
    return SIGNER.token(claims(whole.clock.now(), sub="gwen"))


@pytest.mark.holds(28, 33)
def test_published_keys_reach_operations(whole: World, publisher: SmallPublisher) -> None:
    """The token's user acts; every bad token is a 401 that the platform never hears of; one fetch."""
    assert ask(whole, good(whole)).status_code == 200
    assert {call["user"] for call in whole.calls("getWorkspace")} == {"gwen"}
    whole.forget_calls()
    table = bad_tokens(whole.clock.now(), SIGNER)
    assert {ask(whole, bad).status_code for bad in table.values()} == {401}
    assert whole.calls() == []
    assert publisher.fetched == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Response("", 302, {"Location": "/elsewhere"}), "status 302 for a document"),
        (Response(" " * (1024 * 1024 + 1) + '{"keys": []}'), "upstream-unavailable"),
    ],
)
def test_no_redirect_and_no_flood(
    whole: World, publisher: SmallPublisher, answer: Response, reason: str
) -> None:
    """Keys behind a redirect are not fetched, and a document beyond a megabyte is not read: a 503."""
    publisher.failing = answer
    refused = ask(whole, good(whole))
    assert (refused.status_code, refused.json()["code"]) == (503, "upstream-unavailable")
    assert "ads platform" not in refused.json()["detail"]
    assert publisher.elsewhere == 0
    told = [json.loads(line) for line in whole.log.getvalue().splitlines()]
    reasons = [line["reason"] for line in told if line.get("code") == "upstream-unavailable"]
    assert reasons == [f"keys of host tokens: {reason}"]
    publisher.failing = None
    whole.advance(2)
    assert ask(whole, good(whole)).status_code == 200
