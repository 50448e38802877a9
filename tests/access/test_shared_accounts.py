"""Removing an ad account: the platform removes it for the whole tenant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.testing.world import World
from tests.access.acme import TEAM, asked, code

TENTS = {"id": "acc-1001", "accountId": "act_1001", "accountName": "Acme Tents"}


def listed(*connections: tuple[str, dict[str, Any]]) -> str:
    """Operation 16's answer, wrapped twice as theirs is."""
    data = [
        {"id": name, "platform": "meta", "adsAccounts": [{"adsAccount": account}]}
        for name, account in connections
    ]
    return json.dumps({"success": True, "data": {"success": True, "data": data}})


@pytest.mark.holds(46)
def test_an_account_of_one_team_can_be_removed(either_world: World) -> None:
    """It is removed by its internal id, and is foreign at once."""
    ben = either_world.sign_in("ben")
    path = f"/teams/{TEAM}/ad-accounts/act_1001"
    removed = ben.api("DELETE", path)
    assert removed.json() == {"deletedConnections": 0, "deletedAdAccount": True}
    (call,) = either_world.calls("deleteAdAccount")
    assert call["path"].endswith("/connections/ads-account/acc-1001")
    assert code(ben.api("DELETE", path)) == "not-found"
    assert code(ben.api("GET", f"/teams/{TEAM}/meta/campaigns?adAccountId=act_1001")) == "not-found"


@pytest.mark.holds(46)
def test_an_account_that_another_team_uses_is_not_removed(either_world: World) -> None:
    """It would vanish for the other team too: 409, until that team has disconnected it."""
    ana = either_world.sign_in("ana")
    path = f"/teams/{TEAM}/ad-accounts/act_1002"
    refused = ana.api("DELETE", path)
    assert (refused.status_code, code(refused)) == (409, "account-shared")
    assert asked(either_world, "deleteAdAccount") == 0
    theirs = "/teams/team-acme-agency/connections/conn-acme-agency"
    assert ana.api("DELETE", theirs).status_code == 204
    assert ana.api("DELETE", path).status_code == 200


@pytest.mark.holds(46)
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 403},
        {"kind": "status", "status": 404},
        {"kind": "reset"},
        {"kind": "garbage"},
        {"kind": "rate-limit"},
        {"kind": "status", "status": 200, "body": '{"success":true,"data":null}'},
        # An asker who is shown less than the whole tenant cannot tell who else has the account.
        {"kind": "status", "status": 200, "body": listed()},
        {"kind": "status", "status": 200, "body": listed(("conn-other", TENTS | {"id": "x"}))},
        # The internal id is what counts in the end.
        {
            "kind": "status",
            "status": 200,
            "body": listed(
                ("conn-acme-brand", TENTS), ("conn-other", TENTS | {"accountId": "act_x"})
            ),
        },
    ],
)
def test_what_cannot_be_checked_counts_as_shared(
    strict_world: World, fault: dict[str, Any]
) -> None:
    """When operation 16 fails, or does not show the team's own connection, nothing is removed."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("getTenantConnections", times=None, **fault)
    refused = ben.api("DELETE", f"/teams/{TEAM}/ad-accounts/act_1001")
    assert (refused.status_code, code(refused)) == (409, "account-shared")
    assert asked(strict_world, "deleteAdAccount") == 0
