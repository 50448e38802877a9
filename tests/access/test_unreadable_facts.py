"""Facts in another shape than the contract's: the documentation shows a wrong sample for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.testing.world import World, world
from tests.access.acme import CAMPAIGNS, TEAM, asked, code, set_status
from tests.access.examples import Ids, refused, success

# What the reference shows as the answer of operation 18.
WRONG_SAMPLE = success(None)


@pytest.mark.holds(46, 54)
def test_unreadable_connections_refuse_account_data(either_world: World) -> None:
    """Whose an account is cannot be read: 503, nothing asked of the account, the log says why."""
    ben = either_world.sign_in("ben")
    either_world.fault("getTeamConnections", "status", status=200, body=WRONG_SAMPLE, times=None)
    for answer in (ben.api("GET", CAMPAIGNS), set_status(ben)):
        assert (answer.status_code, code(answer)) == (503, "access-unavailable")
    assert asked(either_world, "getCampaigns") == asked(either_world, "updateCampaignStatus") == 0
    assert "have another shape than the contract's" in either_world.log.getvalue()
    assert ben.api("GET", f"/teams/{TEAM}").status_code == 200


@pytest.mark.holds(45, 54)
@pytest.mark.parametrize("fact", ["getTeam", "getWorkspace", "getWorkspaceTeams"])
@pytest.mark.parametrize("body", ["null", "{}", '[{"id":1}]', '"text"'])
def test_unreadable_membership_refuses(strict_world: World, fact: str, body: str) -> None:
    """Membership in a shape that cannot be read is unknowable: 503 and never allowed."""
    user = {"getTeam": "ben", "getWorkspace": "ana", "getWorkspaceTeams": "ben"}[fact]
    path = f"/teams/{TEAM}" if fact == "getTeam" else "/workspaces/acme"
    envelope = '{"success":true,"statusCode":200,"data":' + body + "}"
    strict_world.fault(fact, "status", status=200, body=envelope, times=None)
    answer = strict_world.sign_in(user).api("GET", path)
    assert (answer.status_code, code(answer)) == (503, "access-unavailable")


@pytest.fixture(params=["strict", "lax"])
def relying_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Where accounts cannot be checked, this gateway relies on the platform."""
    with world(strict=request.param == "strict", access={"ad_accounts": "platform"}) as running:
        yield running


@pytest.mark.holds(46)
def test_the_platform_can_be_relied_on_where_nothing_can_be_read(relying_world: World) -> None:
    """AD_ACCOUNTS=platform: with unreadable connections the platform's verdict stands."""
    ben, zoe = relying_world.sign_in("ben"), relying_world.sign_in("zoe")
    relying_world.fault("getTeamConnections", "status", status=200, body=WRONG_SAMPLE, times=None)
    assert ben.api("GET", CAMPAIGNS).status_code == set_status(ben).status_code == 200
    assert code(zoe.api("GET", CAMPAIGNS)) == "not-found"
    if relying_world.sandbox.switches.enforce_permissions:
        foreign = f"/teams/{TEAM}/meta/campaigns?adAccountId=act_1003"
        assert code(ben.api("GET", foreign)) == "not-found"


@pytest.mark.holds(46)
def test_what_can_be_read_is_checked_all_the_same(relying_world: World) -> None:
    """AD_ACCOUNTS=platform: an account that readable connections do not name is foreign."""
    ben = relying_world.sign_in("ben")
    for account in ("act_1003", "act_2001", "act_9999"):
        ids = Ids(account=account)
        assert refused(ben, relying_world, "listCampaigns", ids)["code"] == "not-found"
        assert refused(ben, relying_world, "setCampaignStatus", ids)["code"] == "not-found"


@pytest.mark.holds(46)
def test_an_account_that_cannot_be_checked_is_never_removed(relying_world: World) -> None:
    """AD_ACCOUNTS=platform: removing, which reaches every team, still needs to be checked."""
    ben = relying_world.sign_in("ben")
    relying_world.fault("getTeamConnections", "status", status=200, body=WRONG_SAMPLE, times=None)
    answer = ben.api("DELETE", f"/teams/{TEAM}/ad-accounts/act_1001")
    assert (answer.status_code, code(answer)) == (409, "account-shared")
    assert asked(relying_world, "deleteAdAccount") == 0
