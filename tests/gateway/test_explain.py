"""`X-BFF-Explain: 1`: how a request was served, for those who may know, and no ids of anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2 as httpx
import pytest

from app.clock import MovableClock
from app.main import create_app
from app.observe.trail import Step
from app.settings import Environment
from app.testing.world import API, Browser, GatewayServer, World, no_jitter, settings_for
from tests.cache.reads import CAMPAIGNS, TEAM
from tests.inside import platform
from tests.session import host_tokens

EXPLAIN = {"X-BFF-Explain": "1"}
# A dictionary of RFC 9651 with these members in this order.
TRAIL = re.compile(
    r"route=(?P<route>\w+), "
    r'access="(?P<access>[^"]+)", '
    r"scope=(?P<scope>none|user|team), "
    r"tags=\((?P<tags>[a-z -]*)\), "
    r"state=(?P<state>none|hit|stale|miss), "
    r"collapsed=\?(?P<collapsed>[01]), "
    r"upstream=(?P<upstream>\d+), "
    r"retries=(?P<retries>\d+), "
    r"ms=(?P<ms>\d+\.\d)"
)


def trail(answer: httpx.Response) -> Mapping[str, Any]:
    match = TRAIL.fullmatch(answer.headers["x-bff-trail"])
    assert match is not None, answer.headers["x-bff-trail"]
    return match.groupdict()


def explained(browser: Browser, path: str, method: str = "GET", **more: Any) -> Mapping[str, Any]:
    return trail(browser.api(method, path, headers=EXPLAIN, **more))


def test_a_read_is_explained(strict_world: World) -> None:
    """A miss tells of the calls it took, a hit of none, a stale answer and a shared one of that."""
    ben, cleo = strict_world.sign_in("ben"), strict_world.sign_in("cleo")
    first = explained(ben, CAMPAIGNS)
    assert first["route"] == "listCampaigns"
    assert first["access"] == "account.read"
    assert (first["state"], first["scope"]) == ("miss", "user")
    # Tokens, the team, its connections, and the campaigns themselves.
    assert first["upstream"] == "4"
    assert set(first["tags"].split()) == {"account", "below-team", "reader", "user"}
    again = explained(ben, CAMPAIGNS)
    assert (again["state"], again["upstream"]) == ("hit", "0")
    explained(cleo, CAMPAIGNS)
    shared = explained(cleo, CAMPAIGNS)
    assert (shared["state"], shared["scope"], shared["upstream"]) == ("hit", "team", "0")
    assert set(shared["tags"].split()) == {"account", "below-team"}
    strict_world.advance(70)
    explained(ben, f"{CAMPAIGNS}&fields=objective")  # his proof is alive again
    assert explained(ben, CAMPAIGNS)["state"] == "stale"


def test_a_write_and_a_refusal_are_explained(strict_world: World) -> None:
    """A write has no cache state; a refusal names the rule that was not met, and keeps its code."""
    ben, dora = strict_world.sign_in("ben"), strict_world.sign_in("dora")
    path = f"/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId=act_1001"
    written = explained(ben, path, "PATCH", json={"status": "PAUSED"})
    assert (written["route"], written["state"], written["scope"]) == (
        "setCampaignStatus",
        "none",
        "none",
    )
    assert int(written["upstream"]) >= 2
    refused = dora.api("PATCH", f"/teams/{TEAM}", json={"name": "Mine"}, headers=EXPLAIN)
    assert refused.json()["code"] == "forbidden"
    assert trail(refused)["access"] == "refused: teamAdmin"


def test_a_renewed_token_is_a_retry(strict_world: World) -> None:
    """What was asked again with another token is counted."""
    ben = strict_world.sign_in("ben")
    explained(ben, CAMPAIGNS)
    strict_world.fault("getTeamMembers", "token-expired", status=401)
    assert explained(ben, f"/teams/{TEAM}/members")["retries"] == "1"


def test_timing_is_in_milliseconds_by_step(strict_world: World) -> None:
    """Server-Timing names the steps, which hold one another, and the total."""
    timing = strict_world.sign_in("ben").api("GET", CAMPAIGNS, headers=EXPLAIN)
    steps = dict(re.findall(r"(\w+);dur=([\d.]+)", timing.headers["server-timing"]))
    assert set(steps) == {*Step, "total"}


@pytest.mark.holds(27)
def test_nobodys_ids_are_told(strict_world: World) -> None:
    """Neither the caller's own ids nor anybody else's, nor a token, stand in the explanation."""
    ben = strict_world.sign_in("ben")
    for path in (
        CAMPAIGNS,
        "/workspaces/acme",
        f"/teams/{TEAM}/members",
        "/teams/team-globex-shop",
    ):
        answer = ben.api("GET", path, headers=EXPLAIN)
        told = answer.headers["x-bff-trail"] + answer.headers["server-timing"]
        assert not re.search(r"ben|acme|globex|act_|cmp_|eyJ", told), told


@pytest.mark.parametrize("value", ["", "0", "true", "2"])
def test_only_one_asks_for_it(strict_world: World, value: str) -> None:
    """Another value, or no header, and there is no explanation."""
    ben = strict_world.sign_in("ben")
    for headers in ({"X-BFF-Explain": value}, {}):
        answer = ben.api("GET", CAMPAIGNS, headers=headers)
        assert answer.status_code == 200
        assert not {"x-bff-trail", "server-timing"} & set(answer.headers)


def test_it_is_no_part_of_the_key(strict_world: World) -> None:
    """An explained request and a plain one are the same question."""
    ben = strict_world.sign_in("ben")
    explained(ben, CAMPAIGNS)
    assert ben.api("GET", CAMPAIGNS).headers["cache-status"].startswith("bff; hit")


@pytest.fixture
def production() -> Iterator[tuple[str, MovableClock]]:
    """The origin of a gateway in production whose explain claim is `operator`."""
    with platform() as on:
        gateway = GatewayServer()
        jwt = {
            "secret": host_tokens.SECRET,
            "algorithms": ["HS256"],
            "issuer": host_tokens.ISSUER,
            "audience": host_tokens.AUDIENCE,
        }
        settings = settings_for(
            on.server.origin,
            "https://app.example.com",
            identity={"oidc": {}, "jwt": jwt},
            explain={"claim": "operator"},
        )
        settings = settings.model_copy(update={"env": Environment.PRODUCTION})
        app = create_app(settings, clock=on.clock, chance=no_jitter)
        gateway.start(app)
        yield gateway.origin, on.clock
        gateway.stop()


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ({"operator": True}, True),
        ({"operator": "true"}, False),
        ({"operator": 1}, False),
        ({}, False),
    ],
)
def test_in_production_it_takes_the_claim(
    production: tuple[str, MovableClock], claim: Mapping[str, Any], told: bool
) -> None:
    """Only a caller whose verified claim is true is told; everybody is served."""
    origin, clock = production
    token = host_tokens.token(host_tokens.claims(clock.now(), **claim))
    with httpx.Client(trust_env=False, verify=False) as client:
        headers = EXPLAIN | {"Authorization": f"Bearer {token}"}
        answer = client.get(f"{origin}{API}{CAMPAIGNS}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert ("x-bff-trail" in answer.headers) is told
