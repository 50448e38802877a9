"""Which addresses a platform has, found out without changing anything there; what cannot be told is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.catalogue.operations import BUILT_IN
from tests.checking.asked import answering, checked, verdicts
from tests.inside import Platform, platform

ADDRESSES = BUILT_IN.addresses({})
# Addresses that only read, and are asked by GET.
READABLE = {
    *("refreshToken", "getWorkspace", "listTeamMembers", "getTeam", "listConnections"),
    *("listTeamConnections", "listAdAccounts", "getAdAccountInsights", "listMetaPages", "listAds"),
    *("listAdSets", "listAdCreatives", "getMetaInsights", "listCampaigns", "listLeadForms"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Platform]:
    with platform() as running:
        yield running


@pytest.mark.parametrize("probe_user", [None, "ana"], ids=["key alone", "with a token"])
def test_what_can_be_read_is_confirmed(sandbox: Platform, probe_user: str | None) -> None:
    """Every address gets a verdict; this platform says nothing of addresses that change something."""
    found = verdicts(checked(sandbox.server.origin, routes=True, probe_user=probe_user))
    assert found.keys() == ADDRESSES.keys()
    assert {name for name, verdict in found.items() if verdict == "confirmed"} == READABLE
    assert {found[name] for name in found.keys() - READABLE} == {"cannot tell"}


def test_a_wrong_address_is_missing(sandbox: Platform) -> None:
    """It answers as where no address is, and the advice says what to do."""
    wrong = {"getTeam": "GET /teamz/{id}", "listAds": "GET /{teamId}/meta/advertisements"}
    findings = checked(sandbox.server.origin, routes=True, upstream={"routes": wrong})
    found = verdicts(findings)
    assert {name for name, verdict in found.items() if verdict == "missing"} == set(wrong)
    faults = [one for one in findings if one.severity == "fault"]
    assert [one.advice is not None for one in faults] == [True, True]


@pytest.mark.holds(23)
def test_nothing_is_sent_that_could_change_anything(sandbox: Platform) -> None:
    """Only GET and OPTIONS, about objects that nobody has, and GET never where it changes something."""
    sandbox.forget()
    checked(sandbox.server.origin, live=True, routes=True)
    calls = sandbox.sandbox.calls.list()
    assert {call.method for call in calls} == {"GET", "OPTIONS"}
    assert len(calls) == 2 * len(ADDRESSES)
    read = [call.path.removeprefix("/api/v1") for call in calls if call.method == "GET"]
    whole = {"/connections", "/connections/status", "/auth/refresh"}
    assert {path for path in read if "bff-check-" not in path} == whole
    assert not [path for path in read if path.endswith("/meta/import")]
    assert {call.body for call in calls} == {""}


def everything(status: int, body: object) -> Starlette:
    async def same(_: Request) -> Response:
        return JSONResponse(body, status)

    return Starlette(routes=[Route("/{rest:path}", same, methods=["GET", "OPTIONS"])])


@pytest.mark.parametrize("status", [200, 401, 403, 429, 500, 503])
def test_who_answers_alike_whatever_is_asked_confirms_nothing(status: int) -> None:
    """A platform that looks at the key first, one that is down, and a page that takes every address."""
    body = {"success": False, "error": {"code": "UNAUTHORIZED", "message": "Invalid API key"}}
    with answering(everything(status, body)) as origin:
        found = verdicts(checked(origin, routes=True))
    assert set(found.values()) == {"cannot tell"}


def test_nobody_there_is_no_verdict() -> None:
    """Without an answer nothing is said of any address."""
    with answering(everything(200, {})) as origin:
        pass
    found = verdicts(checked(origin, routes=True))
    assert set(found.values()) == {"cannot tell"}


def test_a_server_that_lists_its_methods_tells_of_changes() -> None:
    """OPTIONS names the methods of an address, and none where no address is."""

    async def listed(request: Request) -> Response:
        path = request.path_params["rest"]
        known = {"team": "GET,HEAD,POST", "workspace": "GET,HEAD"}.get(path)
        headers = {"allow": known} if known else {}
        return Response(status_code=200 if known else 404, headers=headers)

    app = Starlette(routes=[Route("/api/v1/{rest:path}", listed, methods=["OPTIONS"])])
    with answering(app) as origin:
        found = verdicts(checked(origin, routes=True))
    assert (found["createTeam"], found["createWorkspace"]) == ("confirmed", "missing")
    assert found["renameTeam"] == "cannot tell"
