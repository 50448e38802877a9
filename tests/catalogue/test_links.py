"""The links between operations: derived from ids, true, and enough to walk the whole surface."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, get_args

import pytest
from pydantic import Field

from app.catalogue.links import Names, ids_in, is_id, links_of
from app.catalogue.operations import BUILT_IN
from app.catalogue.shapes import Answer, Page
from app.commands.described import documents
from app.testing.world import World
from tests.proxy.asks import READS, ask_of

OURS: dict[str, Any] = json.loads(documents()["bff.json"])
DESCRIBED: dict[str, Any] = {
    body["operationId"]: body for item in OURS["paths"].values() for body in item.values()
}
OPERATIONS = {operation.id: operation for operation in BUILT_IN.operations}


def links(operation: str) -> dict[str, dict[str, Any]]:
    responses = DESCRIBED[operation]["responses"].values()
    return {name: link for one in responses for name, link in one.get("links", {}).items()}


class Wheel(Answer):
    id: str
    spoke_id: str | None


class Cart(Answer):
    """A record that says whose id its id is, and holds others."""

    wheels: list[Wheel]
    id: Annotated[str, Names("cartId")]
    ropes: Annotated[list[str], Names("ropeId")]
    secret_id: Annotated[str, Field(exclude=True)]


def test_an_answer_tells_ids_by_name_and_by_mark() -> None:
    """`spokeId` tells itself, a marked field its parameter, a list its first; the rest nothing."""
    assert [*ids_in(Page[Cart])] == [
        ("cartId", "/items/0/id"),
        ("ropeId", "/items/0/ropes/0"),
        ("spokeId", "/items/0/wheels/0/spokeId"),
    ]


@pytest.mark.parametrize(
    ("source", "target", "parameters"),
    [
        ("getSession", "listWorkspaceTeams", {"enterpriseId": "$response.body#/enterprises/0"}),
        ("createTeam", "getTeam", {"teamId": "$response.body#/id"}),
        (
            "listTeamConnections",
            "listCampaigns",
            {
                "teamId": "$request.path.teamId",
                "adAccountId": "$response.body#/items/0/adAccounts/0/adAccountId",
            },
        ),
        (
            "listCampaigns",
            "setCampaignStatus",
            {
                "teamId": "$request.path.teamId",
                "adAccountId": "$request.query.adAccountId",
                "campaignId": "$response.body#/items/0/id",
            },
        ),
        (
            "grantAdAccountAccess",
            "revokeAdAccountAccess",
            {
                "teamId": "$request.path.teamId",
                "adAccountId": "$request.path.adAccountId",
                "externalUserId": "$response.body#/externalUserId",
            },
        ),
    ],
)
def test_ids_lead_on(source: str, target: str, parameters: Mapping[str, str]) -> None:
    """What an answer tells and what it was asked with fill the ids of the next request."""
    assert links(source)[target] == {"operationId": target, "parameters": parameters}


def test_a_list_leads_to_what_follows_of_it() -> None:
    """`next` asks the same question again, filters included, with the cursor of the answer."""
    for operation in OPERATIONS.values():
        assert ("next" in links(operation.id)) is operation.pages
        if operation.pages:
            asked = links(operation.id)["next"]["parameters"]
            assert asked.pop("cursor") == "$response.body#/nextCursor"
            assert asked.keys() == {p.name for p in operation.parameters} - {"cursor"}
            assert all(value.startswith("$request.") for value in asked.values())


def test_nothing_leads_where_no_id_is_new() -> None:
    """An answer that only repeats its question links to nothing, nor where an id would be missing."""
    team = OPERATIONS["renameTeam"]
    assert [*links_of(team.answer_type, team.parameters, BUILT_IN.operations)] == []
    assert "listCampaigns" not in links("listWorkspaceTeams")


def test_the_way_from_the_session_reaches_every_operation() -> None:
    """From who is signed in, link by link, everything is reached but what begins with the caller: a
    workspace that he creates, a write that he gave a key."""
    reached, waiting = set[str](), ["getSession"]
    while waiting:
        for link in links(waiting.pop()).values():
            if link["operationId"] not in reached:
                reached.add(link["operationId"])
                waiting.append(link["operationId"])
    assert OPERATIONS.keys() - reached == {"createWorkspace", "getWrite"}


def test_marks_name_parameters() -> None:
    """Every marked id is one that some operation takes: a misspelt mark would lead nowhere."""
    taken = {p.name for operation in OPERATIONS.values() for p in operation.parameters if is_id(p)}
    told = {mark for operation in OPERATIONS.values() for mark in marks_in(operation.answer_type)}
    assert told
    assert told <= taken


def marks_in(answer: Any) -> set[str]:
    if args := get_args(answer):
        return {mark for argument in args for mark in marks_in(argument)}
    if not isinstance(answer, type) or not issubclass(answer, Answer):
        return set()
    fields = answer.model_fields.values()
    own = {mark.parameter for info in fields for mark in info.metadata if isinstance(mark, Names)}
    return own.union(*(marks_in(info.annotation) for info in fields))


# Ids that come only when their field, their level or their permission was asked for before.
TELLS_LESS = {
    ("listAdAccountAccess", "externalUserId"),
    ("getMetaInsights", "adSetId"),
    ("getMetaInsights", "adId"),
    ("listAds", "adCreativeId"),
    ("listAdCreatives", "videoId"),
}


def test_pointers_point_at_ids(strict_world: World) -> None:
    """In a real answer there is an id wherever a link says that there is one."""
    ana, silent = strict_world.sign_in("ana"), set[tuple[str, str]]()
    for operation in READS:
        answer = ana.read(ask_of(operation).target)
        for name, pointer in ids_in(operation.answer_type):
            if not isinstance(at(answer, pointer), str):
                silent.add((operation.id, name))
    assert silent == TELLS_LESS


def at(answer: Any, pointer: str) -> Any:
    """What a pointer points at, None where there is nothing."""
    for step in pointer.split("/")[1:]:
        if answer is None or answer == []:
            return None
        answer = answer[int(step) if isinstance(answer, list) else step]
    return answer
