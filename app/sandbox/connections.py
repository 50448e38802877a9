"""Operations 16–22: connections, their ad accounts, and one account's figures."""

from __future__ import annotations

import json
from urllib.parse import quote

from app.sandbox.insights import read_account_question, report_account
from app.sandbox.records import AdAccount, Connection, Team
from app.sandbox.refusal import bad_request, not_found
from app.sandbox.state import Asking, Handler
from app.sandbox.wire import Fields, Reply
from app.sandbox.world import TENANT, World

PLATFORMS = ("meta", "google")


def _tenant_connections(asking: Asking) -> Reply:
    """The whole tenant's, whoever asks, wrapped twice."""
    listed = [_connection(asking.world, one) for one in asking.world.connections.values()]
    return Reply({"success": True, "count": len(listed), "data": listed})


def _create_connection(asking: Asking) -> Reply:
    """No envelope, and no connection yet: the browser has to finish it at `authUrl`."""
    body = Fields(asking.body)
    platform = body.one_of("platform", PLATFORMS)
    team_id, workspace_id = body.optional_text("teamId"), body.optional_text("workspaceId")
    redirect = body.optional_text("redirect")
    body.done()
    team = asking.rights.team_admin(team_id or _default_team(asking.world, workspace_id).id)
    state = {"tenantId": TENANT, "teamId": team.id, "platform": platform, "redirect": redirect}
    origin = asking.sandbox.options.origin
    return Reply({"authUrl": f"{origin}/consent?state={quote(json.dumps(state))}"}, 201, bare=True)


def _default_team(world: World, workspace_id: str | None) -> Team:
    """The workspace may be named by either of its ids: which one is meant is not documented."""
    if workspace_id is None:
        raise bad_request("Validation failed", ["teamId or workspaceId should not be empty"])
    for workspace in world.workspaces.values():
        if workspace_id in (workspace.id, workspace.enterprise_id):
            return world.default_team(workspace.enterprise_id)
    raise not_found("Workspace")


def _team_connections(asking: Asking) -> Reply:
    team = asking.rights.team(asking.path["teamId"])
    return Reply([_connection(asking.world, one) for one in asking.world.connections_of(team.id)])


def _statuses(asking: Asking) -> Reply:
    """The whole tenant's accounts; the misspelt key is theirs."""
    listed = [
        {
            "platform": one.platform,
            "connected": bool(asking.world.teams_with(one.id)),
            "ads_accooun_id": one.account_id,
            "account_name": one.name,
        }
        for one in asking.world.accounts.values()
    ]
    return Reply({"connected": listed})


def _delete_account(asking: Asking) -> Reply:
    """By the internal id, and for every team of the tenant at once."""
    account = asking.rights.administers_account(asking.path["adsaccountid"])
    deleted = asking.world.remove_account(account.id)
    data = {
        "tenantId": TENANT,
        "adsAccountId": account.id,
        "deletedConnections": deleted,
        "deletedAdsAccount": True,
    }
    return Reply(data, message=f"Ads account {account.id} removed successfully.")


def _disconnect(asking: Asking) -> Reply:
    found = asking.world.connections.get(asking.path["connectionId"])
    if found is None:
        raise not_found("Connection")
    asking.rights.team_admin(found.team_id)
    deleted = _connection(asking.world, found)
    asking.world.disconnect(found.id)
    message = f"Connection {found.id} and all related data deleted successfully."
    return Reply({"deleted": deleted}, message=message)


def _account_insights(asking: Asking) -> Reply:
    question = read_account_question(asking.query, asking.sandbox.clock)
    account = asking.rights.reads_somewhere(asking.path["id"])
    return Reply(report_account(question, asking.campaigns(account.id)))


def _connection(world: World, connection: Connection) -> dict[str, object]:
    accounts = [{"adsAccount": _account(world.accounts[one])} for one in connection.accounts]
    return {"id": connection.id, "platform": connection.platform, "adsAccounts": accounts}


def _account(account: AdAccount) -> dict[str, str]:
    return {"id": account.id, "accountId": account.account_id, "accountName": account.name}


CONNECTIONS: dict[int, Handler] = {
    16: _tenant_connections,
    17: _create_connection,
    18: _team_connections,
    19: _statuses,
    20: _delete_account,
    21: _disconnect,
    22: _account_insights,
}
