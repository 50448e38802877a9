"""One valid request for every declared operation; an operation without one fails the tests here."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from app.catalogue.composed import Live
from app.catalogue.operation import Operation
from app.catalogue.operations import BUILT_IN
from app.catalogue.writes import GetWrite
from app.testing import asks
from app.testing.asks import Ask, Example
from app.testing.world import API
from tests import drafts
from tests.proxy.wire import request_bytes

VALUES = {
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

OPERATIONS = BUILT_IN.operations
# Those that have an answer here and now: a stream has no end, and of a write one has to be made.
READS = tuple(
    operation
    for operation in OPERATIONS
    if operation.method == "GET" and not issubclass(operation, Live | GetWrite)
)


def ask_of(operation: type[Operation[Any]]) -> Ask:
    """The example of this operation."""
    required = {parameter.name for parameter in operation.parameters if parameter.required}
    values = {name: value for name, value in VALUES.items() if name in required}
    body = BODIES[operation.id] if operation.body_model is not None else None
    return asks.ask_of(operation, Example(values=values, body=body))


def on_wire(ask: Ask, cookie: str, target: str | None = None, *, close: bool = True) -> bytes:
    """The request as bytes; `target` (below /api/v1) replaces the example's, exactly as given."""
    below = ask.target if target is None else target
    return request_bytes(
        (API + below).encode("utf-8"),
        *([b"Content-Type: application/json"] if ask.body is not None else []),
        b"Idempotency-Key: " + uuid4().hex.encode(),
        method=ask.method.encode(),
        cookie=cookie,
        body=b"" if ask.body is None else json.dumps(ask.body).encode(),
        close=close,
    )
