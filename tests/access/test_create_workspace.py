"""Who may create the workspace of an enterprise: whom the identity provider says belongs to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx2 as httpx
import pytest

from app.testing.world import Browser, World, world
from tests.access.acme import asked, code
from tests.sandbox.reference.asks import SAMPLES


def create(browser: Browser, enterprise: str) -> httpx.Response:
    return browser.api("POST", "/workspaces", json={"enterpriseId": enterprise, "name": "New"})


@pytest.mark.holds(45, 51)
def test_the_own_enterprise_gets_a_workspace(either_world: World) -> None:
    """The creator becomes its admin and may go on at once, though it was not there before."""
    zoe = either_world.sign_in("zoe")
    assert code(zoe.api("GET", "/workspaces/initech")) == "not-found"
    made = create(zoe, "initech")
    assert made.status_code == 201
    assert made.json()["adminExternalUserId"] == "zoe"
    assert zoe.read("/workspaces/initech")["enterpriseId"] == "initech"
    (team,) = zoe.read("/workspaces/initech/teams")["items"]
    assert zoe.read(f"/teams/{team['id']}")["myRole"] == "ADMIN"


@pytest.mark.holds(68)
def test_a_second_workspace_of_an_enterprise_is_a_conflict(either_world: World) -> None:
    """What is there already is a 409, told apart from a body that the platform does not accept."""
    ana = either_world.sign_in("ana")
    again = create(ana, "acme")
    assert (again.status_code, code(again)) == (409, "conflict")
    documented = SAMPLES[3, "400"]
    faults = documented["error"] | {"message": "It already exists", "details": ["name is bad"]}
    for refusal, expected in (
        (documented, (409, "conflict")),
        (documented | {"error": faults}, (422, "invalid")),
    ):
        body = json.dumps(refusal)
        either_world.fault("createWorkspace", "status", status=400, body=body)
        answer = create(ana, "acme")
        assert (answer.status_code, code(answer)) == expected


@pytest.mark.holds(45, 57)
def test_a_foreign_enterprise_is_forbidden(either_world: World) -> None:
    """Whether the other enterprise has a workspace or not: the same 403, and nothing is asked."""
    zoe = either_world.sign_in("zoe")
    answers = [create(zoe, enterprise) for enterprise in ("acme", "nowhere", "INITECH", "initech ")]
    documents = [
        {k: v for k, v in answer.json().items() if k not in {"instance", "requestId"}}
        for answer in answers
    ]
    assert documents[0]["code"] == "forbidden"
    assert all(document == documents[0] for document in documents)
    assert either_world.sandbox.calls.list() == []


@pytest.mark.holds(45)
@pytest.mark.parametrize(
    ("settings", "enterprise", "status"),
    [
        ({"identity": {"enterprise_claim": None}}, "initech", 403),
        ({"access": {"open_workspaces": True}}, "initech", 201),
        # The claim limits even where workspaces are open.
        ({"access": {"open_workspaces": True}}, "acme", 403),
        (
            {"identity": {"enterprise_claim": None}, "access": {"open_workspaces": True}},
            "anything",
            201,
        ),
        # A claim that the identity provider does not send holds nothing.
        ({"identity": {"enterprise_claim": "no_such_claim"}}, "initech", 403),
    ],
)
def test_without_the_claim_it_is_a_setting(
    settings: Mapping[str, Any], enterprise: str, status: int
) -> None:
    """Without an enterprise claim nobody creates workspaces, unless OPEN_WORKSPACES says so."""
    with world(**settings) as running:
        assert create(running.sign_in("zoe"), enterprise).status_code == status
        assert asked(running, "createWorkspace") == (1 if status == 201 else 0)
