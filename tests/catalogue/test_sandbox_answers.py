"""The sandbox's answers, read by the gateway's models: two readings of one contract agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, get_args

import httpx2
import pytest

from app.catalogue.insights import Breakdown, Level
from app.catalogue.meta_account import TargetingType
from app.catalogue.operations import BUILT_IN, INTERNAL
from app.clock import MovableClock
from app.errors import UpstreamError
from app.sandbox.server import SandboxServer
from app.sandbox.state import SandboxOptions
from app.testing.world import Browser, World, world
from app.upstream.envelope import Refused
from tests.catalogue.wire_answers import data_of, readers, undeclared
from tests.proxy.asks import READS, WHO, ask_of
from tests.sandbox.platform import GATEWAY, KEY, Platform
from tests.sandbox.reference.asks import SAMPLES, Ask, Name, send, walk

# What the platform answers by its reference and the gateway leaves out, and why.
LEFT_OUT: dict[str, set[str]] = {
    # An internal id; the public answer names the admin by his externalUserId.
    "updateWorkspace": {"adminId"},
    # Internal ids beside externalUserId, and when a row was written.
    "assignTeamMembers": {
        "createdAt",
        "updatedAt",
        "successful.teamMember.id",
        "successful.teamMember.createdAt",
        "successful.teamMember.updatedAt",
        "summary",  # counts of the two lists beside it
    },
    "listTeamMembers": {"userId"},
    # Which tenant and which internal account: the caller knows what he removed.
    "removeAdAccount": {"tenantId", "adsAccountId"},
    # One size is enough, and it is the lower bound.
    "searchTargeting": {"audience_size_upper_bound"},
}
# No sample of its request is in the reference, so it is not on the walk.
LEAD_CAMPAIGN = Ask(
    37,
    "201",
    "cleo",
    {"teamId": "team-acme-brand"},
    "adAccountId=act_1001",
    SAMPLES[36, "request"] | {"leadFormId": "form_1001_1"},
)
Answers = dict[Name, httpx2.Response]


@pytest.fixture(scope="module", params=[True, False], ids=["documented", "useful"])
def answers(request: pytest.FixtureRequest) -> Answers:
    """All that the sandbox answers on the walk through the reference, in both of its ways."""
    server = SandboxServer(SandboxOptions("", GATEWAY, KEY), MovableClock(), port=0)
    server.start()
    platform = Platform(server, MovableClock())
    try:
        lead = {LEAD_CAMPAIGN.name: send(platform, LEAD_CAMPAIGN)}
        return lead | walk(platform, documented_bodies=request.param)
    finally:
        platform.http.close()
        server.stop()


def test_every_success_is_read_without_a_rest(answers: Answers) -> None:
    """All 41 operations: valid for each reader, and exactly the listed fields are left out."""
    rest: dict[str, set[str]] = {}
    for (number, _), answer in answers.items():
        for operation in readers(number) if answer.is_success else ():
            paths = undeclared(operation, data_of(answer.status_code, answer.content))
            rest[operation.id] = rest.get(operation.id, set()) | paths
    assert rest.keys() == {operation.id for operation in BUILT_IN.operations if operation.upstream}
    # The walk searches for places, which have no size.
    expected = LEFT_OUT | {"searchTargeting": set()}
    assert {name: paths for name, paths in rest.items() if paths} == {
        name: paths for name, paths in expected.items() if paths
    }
    succeeded = {number for (number, _), answer in answers.items() if answer.is_success}
    assert succeeded == set(range(1, 42))


def test_tokens_are_where_the_gateway_looks(answers: Answers) -> None:
    """An exchange answers both tokens and a refresh one, as texts and with nothing beside."""
    shapes = {"exchangeToken": {"accessToken", "refreshToken"}, "refreshToken": {"accessToken"}}
    assert shapes.keys() == INTERNAL.keys()
    for name, fields in shapes.items():
        (answer,) = (
            found
            for (number, _), found in answers.items()
            if number == INTERNAL[name].number and found.is_success
        )
        data = data_of(answer.status_code, answer.content)
        assert data.keys() == fields
        assert all(isinstance(token, str) and token for token in data.values())


def test_every_refusal_is_understood(answers: Answers) -> None:
    """What the sandbox refuses has a code that the gateway knows, or is a failure by its status."""
    refused = [answer for answer in answers.values() if not answer.is_success]
    assert {answer.status_code for answer in refused} == {400, 401, 403, 404, 500}
    for answer in refused:
        with pytest.raises((Refused, UpstreamError)):
            data_of(answer.status_code, answer.content)


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.mark.holds(59)
def test_what_the_gateway_asks_for_it_declares(running: World) -> None:
    """With every field, level, breakdown and type that can be asked for, no other rest is told of."""
    browser = running.sign_in(WHO)
    for operation in READS:
        ask = ask_of(operation)
        for more in variants(operation.id):
            answer = get(browser, ask.target, more)
            assert answer.status_code == 200, (operation.id, more, answer.text)
    lines = [json.loads(line) for line in running.log.getvalue().splitlines()]
    told = {(line["operation"], line["path"]) for line in lines if line["event"] == "drift"}
    reads = {operation.id for operation in READS}
    assert told == {(name, path) for name in reads & LEFT_OUT.keys() for path in LEFT_OUT[name]}


def variants(operation: str) -> Iterator[dict[str, Any]]:
    """Everything that changes which fields the platform answers with."""
    declared = next(one for one in READS if one.id == operation)
    info = declared.model_fields.get("fields")
    fields: tuple[type[StrEnum], ...] = get_args(info.annotation)[:1] if info else ()
    everything = {"fields": [field.value for kind in fields for field in kind]}
    yield everything
    if operation == "getMetaInsights":
        yield from (everything | {"level": level.value} for level in Level)
        yield from (everything | {"breakdown": part.value} for part in Breakdown)
    if operation == "searchTargeting":
        yield from ({"type": kind.value, "query": "a"} for kind in TargetingType)


def get(browser: Browser, target: str, more: dict[str, Any]) -> httpx2.Response:
    """The example with these parameters, its own where they are not named."""
    path, _, query = target.partition("?")
    given = dict(httpx2.QueryParams(query)) | more
    return browser.api("GET", path, params=given)
