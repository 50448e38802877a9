"""One valid request for every operation that is declared, to be turned into invalid ones."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2 as httpx

from app.catalogue.composed import Live
from app.catalogue.operation import Operation, Place
from app.catalogue.operations import BUILT_IN
from app.sandbox.calls import Call
from app.testing.world import Browser, World
from tests import drafts

# What the gateway may ask on its own account before it refuses, by the platform's names.
TOKENS = frozenset({"exchangeToken", "refreshToken"})
FACTS = frozenset({"getWorkspace", "getWorkspaceTeams", "getTeam", "getTeamConnections"})


@dataclass(frozen=True)
class Ids:
    """The objects that a request speaks of."""

    enterprise: str = "acme"
    team: str = "team-acme-brand"
    account: str = "act_1001"
    connection: str = "conn-acme-brand"
    campaign: str = "cmp_1001_1"
    user: str = "cleo"

    def of(self, parameter: str) -> str:
        """The value for a parameter by its public name."""
        return {
            "enterpriseId": self.enterprise,
            "teamId": self.team,
            "adAccountId": self.account,
            "connectionId": self.connection,
            "campaignId": self.campaign,
            "externalUserId": self.user,
            "idempotencyKey": "nobodys-key",
        }[parameter]

    def but(self, **other: str) -> Ids:
        return replace(self, **other)


@dataclass(frozen=True)
class Example:
    """What a request needs besides ids."""

    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)


PERIOD = {"startDate": "2026-01-01", "endDate": "2026-01-31"}
EXAMPLES: Mapping[str, Example] = {
    "getWorkspace": Example(),
    "listWorkspaceTeams": Example(),
    "getTeam": Example(),
    "listTeamMembers": Example(),
    "listTeamConnections": Example(),
    "listAdAccountAccess": Example(),
    "listCampaigns": Example(),
    "getMetaInsights": Example(query=PERIOD),
    "listConnections": Example(),
    "listAdAccounts": Example(),
    "getAdAccountInsights": Example(query=PERIOD | {"metrics": "spend"}),
    "listMetaPages": Example(query={"adAccountId": "{adAccountId}"}),
    "searchTargeting": Example(
        query={"adAccountId": "{adAccountId}", "type": "interest", "query": "a"}
    ),
    "listAds": Example(),
    "listAdSets": Example(),
    "listAdCreatives": Example(),
    "listLeadForms": Example(),
    "getWrite": Example(),
    "getDashboard": Example(query=PERIOD),
    "streamDashboard": Example(query=PERIOD),
    "importMetaAccount": Example(),
    **{operation: Example(body) for operation, body in drafts.BODIES.items()},
    "createWorkspace": Example({"enterpriseId": "acme", "name": "Acme"}),
    "updateWorkspace": Example({"name": "Acme Indoor"}),
    "createTeam": Example({"name": "A new team"}),
    "renameTeam": Example({"name": "Another name"}),
    "assignTeamMembers": Example({"members": [{"externalUserId": "hugo", "role": "MEMBER"}]}),
    "setCampaignStatus": Example({"status": "PAUSED"}),
    "grantAdAccountAccess": Example({"externalUserId": "emil", "permission": "VIEWER"}),
    "changeAdAccountAccess": Example({"permission": "VIEWER"}),
    "revokeAdAccountAccess": Example(),
    "removeTeamMembers": Example(query={"externalUserId": "dora"}),
    "createConnection": Example({"platform": "meta"}),
    "removeAdAccount": Example(),
    "disconnect": Example(),
    "deleteTeam": Example(),
    "changeWorkspaceAdmin": Example({"externalUserId": "ben"}),
    "deleteWorkspace": Example(),
}
BY_ID: Mapping[str, type[Operation[Any]]] = {op.id: op for op in BUILT_IN.operations}


def with_parameter(name: str) -> list[str]:
    """The operations that have this parameter, in path or query."""
    return [op.id for op in BUILT_IN.operations if any(p.name == name for p in op.parameters)]


def send(browser: Browser, operation: str, ids: Ids) -> httpx.Response:
    """The operation's example, about these objects."""
    declared, example = BY_ID[operation], EXAMPLES[operation]
    path = re.sub(r"\{(\w+)\}", lambda match: ids.of(match[1]), declared.path)
    needed = {
        p.name: ids.of(p.name)
        for p in declared.parameters
        if p.place is Place.QUERY and p.required and p.name not in example.query
    }
    # An optional id is sent as well: what an operation may be about, it must be judged by.
    named = {n: ids.of(n) if v == f"{{{n}}}" else v for n, v in example.query.items()}
    query = needed | named
    if issubclass(declared, Live):
        return browser.opened(path, **query)
    return browser.api(declared.method, path, params=query or None, json=example.body)


def refused(browser: Browser, world: World, operation: str, ids: Ids) -> dict[str, Any]:
    """The problem that such a request gets, without what is new in every answer.

    Fails when the platform saw more of it than questions about facts.
    """
    world.sandbox.calls.clear()
    answer = send(browser, operation, ids)
    seen = [call for call in world.sandbox.calls.list() if not _asks_for_facts(call)]
    assert not seen, [(call.name, call.path) for call in seen]
    problem: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    return {k: v for k, v in problem.items() if k not in {"instance", "requestId"}}


def success(data: Any) -> str:
    """The platform's envelope round this data, for a fault to answer."""
    return json.dumps({"success": True, "data": data, "statusCode": 200})


def _asks_for_facts(call: Call) -> bool:
    ids_alone = call.name == "getCampaigns" and call.path.endswith("fields=id")
    return call.name in TOKENS | FACTS or ids_alone
