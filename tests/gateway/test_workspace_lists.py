"""Lists over a workspace: the teams' own data decides, tenant-wide lists only add to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
import pytest

from app.testing.world import Browser, World, world
from tests.access.examples import success


@dataclass(frozen=True)
class Listing:
    """A list, the tenant-wide operation that enriches it, and both of its forms."""

    path: str
    enriched_by: str
    whole: list[dict[str, Any]]
    bare: list[dict[str, Any]]


def connection(team: str, accounts: dict[str, str], platform: str) -> dict[str, Any]:
    return {
        "id": f"conn-{team}",
        "platform": platform,
        "adAccounts": [{"adAccountId": id_, "name": name} for id_, name in accounts.items()],
        "teamId": f"team-{team}",
    }


def account(id_: str, name: str, *, connected: bool | None) -> dict[str, Any]:
    return {"platform": "meta", "connected": connected, "adAccountId": id_, "name": name}


BRAND = {"act_1001": "Acme Tents", "act_1002": "Acme Boots"}
AGENCY = {"act_1002": "Acme Boots", "act_1003": "Acme Maps"}
OF_ACME = [
    connection("acme-brand", BRAND, "meta"),
    connection("acme-agency", AGENCY, "meta"),
]
CONNECTIONS = Listing("/workspaces/acme/connections", "getTenantConnections", OF_ACME, OF_ACME)
AD_ACCOUNTS = Listing(
    "/workspaces/acme/ad-accounts",
    "getConnectionStatuses",
    *(
        [account(id_, name, connected=known) for id_, name in (BRAND | AGENCY).items()]
        for known in (True, None)
    ),
)
LISTINGS = [CONNECTIONS, AD_ACCOUNTS]
# How the platform fails, and what the reader is told where that is not soft.
FAILURES: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "500": ({"kind": "status", "status": 500}, (502, "upstream-error")),
    "503": ({"kind": "status", "status": 503}, (502, "upstream-error")),
    # Always: one alone would only cost a new token.
    "403": ({"kind": "status", "status": 403, "times": None}, (403, "forbidden")),
    "400": ({"kind": "status", "status": 400}, (422, "invalid")),
    "garbage": ({"kind": "garbage"}, (502, "upstream-invalid")),
    "a page": ({"kind": "content-type"}, (502, "upstream-invalid")),
    "success:false": ({"kind": "unsuccessful"}, (502, "upstream-error")),
    "reset": ({"kind": "reset"}, (503, "upstream-unavailable")),
    "too slow": ({"kind": "latency", "seconds": 3}, (504, "upstream-timeout")),
    **{
        name: ({"kind": "status", "status": 200, "body": body}, (502, "upstream-invalid"))
        for name, body in {
            "no data": success(None),
            "an object": success({"items": []}),
            "a text": success("none"),
            "items that are none": success(["conn-acme-brand"]),
            "nothing of what is needed": success([{"platform": "meta"}]),
            "no list inside": success({"connected": {"act_1001": True}}),
        }.items()
    },
}


@pytest.fixture(scope="module")
def hasty_world() -> Iterator[World]:
    """One whose gateway soon gives up waiting."""
    with world(upstream={"read_deadline": 1.0}) as running:
        yield running


@pytest.fixture
def ana(hasty_world: World) -> Iterator[Browser]:
    """The workspace's admin; nothing that was read before is kept, and nothing fails yet."""
    hasty_world.advance(301)
    yield hasty_world.sign_in("ana")
    hasty_world.heal()


def stored(answer: httpx.Response) -> bool:
    return "stored" in answer.headers["cache-status"]


def told(world: World) -> int:
    """How many partial answers the log knows of."""
    return world.log.getvalue().count('"partial answer"')


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.enriched_by)
def test_other_workspaces_of_the_tenant_do_not_show(ana: Browser, listing: Listing) -> None:
    """The tenant's list names Globex as well; the answer is exactly what Acme's teams have."""
    answer = ana.api("GET", listing.path)
    assert answer.json()["items"] == listing.whole
    assert stored(answer)


@pytest.mark.holds(75)
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.enriched_by)
def test_without_the_tenants_list_there_is_less_to_say(
    hasty_world: World, ana: Browser, listing: Listing, failure: str
) -> None:
    """The teams' own data is answered, told to the log and not kept: the next answer is whole."""
    fault, _ = FAILURES[failure]
    hasty_world.fault(listing.enriched_by, **({"times": None} | fault))
    before = told(hasty_world)
    answer = ana.api("GET", listing.path)
    assert told(hasty_world) == before + 1
    assert (answer.status_code, answer.json()["items"]) == (200, listing.bare)
    assert not stored(answer)
    hasty_world.heal()
    assert ana.read(listing.path)["items"] == listing.whole


@pytest.mark.holds(75)
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("operation", ["getWorkspaceTeams", "getTeamConnections"])
@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.enriched_by)
def test_without_a_teams_own_list_there_is_no_list(
    hasty_world: World, ana: Browser, listing: Listing, operation: str, failure: str
) -> None:
    """When the teams, or one team's connections, cannot be read: a problem, never a part."""
    fault, expected = FAILURES[failure]
    hasty_world.fault(operation, **({"times": None} | fault))
    answer = ana.api("GET", listing.path)
    assert (answer.status_code, answer.json()["code"]) == expected
    assert "items" not in answer.json()
    hasty_world.heal()
    assert ana.read(listing.path)["items"] == listing.whole


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.enriched_by)
def test_a_team_that_is_gone_is_left_out_and_the_rest_not_kept(
    hasty_world: World, ana: Browser, listing: Listing
) -> None:
    """A team may be deleted between the two questions: the others are answered, once."""
    hasty_world.fault("getTeamConnections", "status", status=404)
    answer = ana.api("GET", listing.path)
    assert answer.status_code == 200
    assert not stored(answer)
    assert ana.read(listing.path)["items"] == listing.whole


@pytest.mark.holds(75, 77)
def test_a_whole_answer_outlives_a_failing_status_list(hasty_world: World, ana: Browser) -> None:
    """While a whole answer may be served stale it is, and a poorer one does not take its place."""
    ana.read(AD_ACCOUNTS.path)
    hasty_world.fault(AD_ACCOUNTS.enriched_by, "status", status=500, times=None)
    for _ in range(3):
        hasty_world.advance(60)
        answer = ana.api("GET", AD_ACCOUNTS.path)
        assert answer.json()["items"] == AD_ACCOUNTS.whole
        assert "detail=stale" in answer.headers["cache-status"]
    hasty_world.advance(150)
    assert ana.read(AD_ACCOUNTS.path)["items"] == AD_ACCOUNTS.bare


def test_the_tenants_lists_fill_in_what_the_teams_leave_out(
    hasty_world: World, ana: Browser
) -> None:
    """Platform and name come from the tenant's entry of the same connection or account."""
    terse = [{"id": "conn-acme-brand", "adsAccounts": [{"adsAccount": {"accountId": "act_1001"}}]}]
    hasty_world.fault("getTeamConnections", "status", status=200, body=success(terse), times=None)
    assert {item["platform"] for item in ana.read(CONNECTIONS.path)["items"]} == {"meta"}
    assert ana.read(AD_ACCOUNTS.path)["items"] == AD_ACCOUNTS.whole[:1]
    for listing in LISTINGS:
        hasty_world.fault(listing.enriched_by, "status", status=500, times=None)
    hasty_world.advance(301)
    ana.sign_in("ana")
    assert {item["platform"] for item in ana.read(CONNECTIONS.path)["items"]} == {"unknown"}
    (found,) = ana.read(AD_ACCOUNTS.path)["items"]
    assert found == {
        "platform": "unknown",
        "connected": None,
        "adAccountId": "act_1001",
        "name": None,
    }


def test_a_status_is_found_by_either_id(hasty_world: World, ana: Browser) -> None:
    """The status list may show the network's id or the platform's own: both match."""
    entries = [
        {"platform": "meta", "connected": True, "ads_accooun_id": "act_1001"},
        {"platform": "meta", "connected": False, "ads_accooun_id": "acc-1002"},
    ]
    body = json.dumps({"success": True, "data": {"connected": entries}})
    hasty_world.fault(AD_ACCOUNTS.enriched_by, "status", status=200, body=body)
    found = {i["adAccountId"]: i["connected"] for i in ana.read(AD_ACCOUNTS.path)["items"]}
    assert found == {"act_1001": True, "act_1002": False, "act_1003": None}
