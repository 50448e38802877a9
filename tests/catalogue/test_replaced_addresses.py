"""BFF_UPSTREAM__ROUTES: an upstream address that was inferred wrongly is put right without code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from app.main import create_app
from app.sandbox.operations import BASE_PATH
from app.settings import SettingsFault
from app.testing.world import World, settings_for, world

TEAM = "/teams/team-acme-brand"
CAMPAIGN = f"{TEAM}/meta/campaigns/cmp_1001_1"


class Moved:
    """Another address of the sandbox: notes how the parameters came, and hands them on."""

    def __init__(self, running: World, path: str, method: str, original: str) -> None:
        self.arrived: list[tuple[str, dict[str, str], Any]] = []
        self._app = running.sandbox_server.app
        self._method, self._original = method, BASE_PATH + original
        self._app.router.routes.insert(0, Route(BASE_PATH + path, self, methods=None))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        given = json.loads(body) if body else None
        query = dict(request.query_params)
        self.arrived.append((request.method, query, given))
        everything = request.path_params | query | (given or {})
        path = self._original.format(**everything)
        headers = [h for h in scope["headers"] if h[0] not in {b"content-type", b"content-length"}]

        async def replay() -> Message:
            return {"type": "http.request", "body": json.dumps(everything).encode()}

        there = {
            "type": "http",
            "method": self._method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": f"adAccountId={everything.get('adAccountId', '')}".encode(),
            "headers": [*headers, (b"content-type", b"application/json")],
        }
        scope = {k: v for k, v in scope.items() if k not in {"path_params", "endpoint", "route"}}
        await self._app(scope | there, replay, send)


@pytest.mark.parametrize(
    ("operation", "address", "original", "arrives"),
    [
        (
            "getTeam",
            "GET /squads/{id}",
            ("GET", "/team/{id}"),
            ("GET", {}, None),
        ),
        (
            "listWorkspaceTeams",
            "GET /all-teams",
            ("POST", "/team/enterprise"),
            ("GET", {"enterpriseId": "acme"}, None),
        ),
        (
            "listWorkspaceTeams",
            "POST /all-teams?enterpriseId",
            ("POST", "/team/enterprise"),
            ("POST", {"enterpriseId": "acme"}, {}),
        ),
        (
            "getTeam",
            "PUT /squad {id}",
            ("GET", "/team/{id}"),
            ("PUT", {}, {"id": "team-acme-brand"}),
        ),
        (
            "getTeam",
            "POST /squad?id",
            ("GET", "/team/{id}"),
            ("POST", {"id": "team-acme-brand"}, {}),
        ),
        (
            "setCampaignStatus",
            "PUT /switch/{campaignId}?status {adAccountId,teamId}",
            ("PATCH", "/{teamId}/meta/campaigns/{campaignId}/status"),
            (
                "PUT",
                {"status": "PAUSED"},
                {"adAccountId": "act_1001", "teamId": "team-acme-brand"},
            ),
        ),
        (
            "exchangeToken",
            "POST /sessions",
            ("POST", "/auth/token"),
            ("POST", {}, {"externalUserId": "ben"}),
        ),
    ],
)
def test_an_operation_is_asked_for_at_its_new_address(
    operation: str, address: str, original: tuple[str, str], arrives: tuple[Any, ...]
) -> None:
    """A replaced address is used as it is written: path, query and body get what it names."""
    with world(upstream={"routes": {operation: address}}) as running:
        path = address.split()[1].partition("?")[0]
        moved = Moved(running, path, *original)
        ben = running.sign_in("ben")
        assert ben.read(TEAM)["id"] == "team-acme-brand"
        assert ben.read("/workspaces/acme/teams")["items"]
        params, body = {"adAccountId": "act_1001"}, {"status": "PAUSED"}
        changed = ben.api("PATCH", CAMPAIGN, params=params, json=body)
        assert changed.json() == {"id": "cmp_1001_1", "status": "PAUSED"}
        assert arrives in moved.arrived


@pytest.mark.parametrize(
    ("routes", "sentence"),
    [
        ({"getTem": "GET /x/{id}"}, "getTem is not an operation; did you mean getTeam?"),
        ({"wholly": "GET /x"}, "wholly is not an operation; `bff operations` lists them."),
        ({"listAdAccountAccess": "GET /x"}, "listAdAccountAccess is not an operation"),
        ({"getTeam": "GET /team/{teamId}"}, "getTeam: teamId is not among its parameters (id)."),
        ({"getTeam": "GET /team/{id}?secret"}, "getTeam: secret is not among its parameters (id)."),
        ({"refreshToken": "GET /refresh/{id}"}, "refreshToken: id is not among its parameters ()."),
        *(
            ({"getTeam": nonsense}, "getTeam is not given an address like `GET /teams/{id}`.")
            for nonsense in (
                "",
                "GET",
                "/team/{id}",
                "FETCH /team/{id}",
                "GET team/{id}",
                "GET /team/{id",
                "GET /team/../{id}",
                "GET /team//{id}",
                "GET /team/{id} {}",
                "GET https://elsewhere.example/{id}",
                "canary-0f1e2d3c",
            )
        ),
    ],
)
def test_a_replacement_that_does_not_fit_stops_the_start(
    routes: dict[str, str], sentence: str
) -> None:
    """An unknown id, an unknown name or nonsense is one sentence that shows no address."""
    settings = settings_for("http://127.0.0.1:1", "http://localhost:1", upstream={"routes": routes})
    with pytest.raises(SettingsFault) as fault:
        create_app(settings)
    (said,) = fault.value.sentences
    assert said.startswith(f"BFF_UPSTREAM__ROUTES: {sentence}")
    assert "canary" not in said


def test_every_replacement_that_does_not_fit_is_named() -> None:
    """Three faults are three sentences, so that they are mended at once."""
    routes = {"getTem": "GET /x", "getTeam": "x", "renameTeam": "PATCH /x/{y}"}
    settings = settings_for("http://127.0.0.1:1", "http://localhost:1", upstream={"routes": routes})
    with pytest.raises(SettingsFault) as fault:
        create_app(settings)
    assert len(fault.value.sentences) == 3
