"""One valid request for every declared operation; an operation without one fails the tests here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from app.catalogue.operation import Operation, Place
from app.catalogue.operations import all_operations
from tests import drafts
from tests.harness import API
from tests.proxy.wire import request_bytes

IDS = {
    "teamId": "team-acme-brand",
    "enterpriseId": "acme",
    "adAccountId": "act_1001",
    "connectionId": "conn-acme-brand",
    "campaignId": "cmp_1001_1",
    "externalUserId": "cleo",
    "startDate": "2026-01-01",
    "endDate": "2026-01-31",
    "metrics": "spend",
    "type": "interest",
    "query": "a",
}
BODIES: dict[str, dict[str, Any]] = {
    "createWorkspace": {"enterpriseId": "acme", "name": "Acme again"},
    "updateWorkspace": {"name": "Acme renamed"},
    "changeWorkspaceAdmin": {"externalUserId": "ben"},
    "createTeam": {"name": "New team"},
    "renameTeam": {"name": "Renamed team"},
    "assignTeamMembers": {"members": [{"externalUserId": "hugo", "role": "MEMBER"}]},
    "createConnection": {"platform": "meta"},
    "grantAdAccountAccess": {"externalUserId": "emil", "permission": "VIEWER"},
    "changeAdAccountAccess": {"permission": "VIEWER"},
    "setCampaignStatus": {"status": "PAUSED"},
    **drafts.BODIES,
}
# The workspace's admin may do everything above.
WHO = "ana"

OPERATIONS = all_operations()
READS = tuple(operation for operation in OPERATIONS if operation.method == "GET")


@dataclass(frozen=True)
class Ask:
    """A request below /api/v1: `path` holds the values of the route, not yet percent-encoded."""

    method: str
    route: str
    path: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None

    @property
    def target(self) -> str:
        """Path and query, percent-encoded."""
        return self.raw({name: quote(value, safe="") for name, value in self.path.items()})

    def raw(self, encoded: dict[str, str]) -> str:
        """The same with path values exactly as given."""
        path = re.sub(r"\{(\w+)\}", lambda match: encoded[match[1]], self.route)
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in self.query.items())
        return f"{path}?{query}" if query else path

    def with_path(self, **values: str) -> Ask:
        return replace(self, path=self.path | values)


def ask_of(operation: type[Operation[Any]]) -> Ask:
    """The example of this operation."""
    required = [p for p in operation.parameters if p.required]
    return Ask(
        operation.method,
        operation.path,
        {p.name: IDS[p.name] for p in required if p.place is Place.PATH},
        {p.name: IDS[p.name] for p in required if p.place is Place.QUERY},
        BODIES[operation.id] if operation.body_model is not None else None,
    )


def on_wire(ask: Ask, cookie: str, target: str | None = None) -> bytes:
    """The request as bytes; `target` (below /api/v1) replaces the example's, exactly as given."""
    below = ask.target if target is None else target
    return request_bytes(
        (API + below).encode("utf-8"),
        *([b"Content-Type: application/json"] if ask.body is not None else []),
        method=ask.method.encode(),
        cookie=cookie,
        body=b"" if ask.body is None else json.dumps(ask.body).encode(),
    )
