"""Decoders and pydantic, which decides: whatever the platform answers, what comes of it is the same."""

from __future__ import annotations

import io
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.caller import Caller, Via
from app.catalogue.known import Known
from app.catalogue.operation import Operation
from app.catalogue.operations import BUILT_IN
from app.clock import MovableClock
from app.errors import UpstreamError, UpstreamInvalid
from app.gateway.decoding import Public
from app.gateway.drift import Drift
from app.gateway.tolerance import Tolerance
from app.gateway.trimming import Trimming
from app.json_scan import DEEPEST
from app.observe.counters import Counters
from app.observe.logs import make_log
from app.settings import LogSettings
from app.testing.world import World, world
from app.upstream.client import Reply
from app.upstream.envelope import Refused, open_envelope
from app.upstream.exchange import Incoming
from tests.catalogue.odd_answers import Odd
from tests.catalogue.test_sandbox_answers import get, variants
from tests.proxy.asks import READS, WHO, ask_of

# Those that are not here put their data together, make their answer themselves, or pass nothing on.
DECODED = {
    "getWorkspace",
    "createTeam",
    "renameTeam",
    "listTeamMembers",
    "createConnection",
    "listTeamConnections",
    "removeAdAccount",
    "listMetaPages",
    "searchTargeting",
    "listCampaigns",
    "setCampaignStatus",
    "listAds",
    "listAdSets",
    "listAdCreatives",
    "getMetaInsights",
    "listLeadForms",
}
# Of the sandbox's answers those that are left to pydantic, and how many.
UNDECODED = {
    "listTeamMembers": 1,  # `userId` is not declared
    "listLeadForms": 1,  # no envelope
    "searchTargeting": 6,  # `audience_size_upper_bound`, of whatever has a size
}
KNOWN = Known(Caller("ana", Via.SESSION, by_cookie=True))
JSON = {"content-type": "application/json"}
RATES = st.sampled_from([0.0, 0.002, 0.01, 0.05, 0.3])


COUNTERS = Counters()
LOG = make_log(LogSettings(), io.StringIO())
TRIMMING = Trimming(
    BUILT_IN.operations,
    Drift(BUILT_IN.operations, COUNTERS, MovableClock(), LOG),
    Tolerance(BUILT_IN.operations, 0.0),
    COUNTERS,
    LOG,
)


def public(operation: Operation[Any], data: Any) -> tuple[bytes, int | None]:
    content = TRIMMING.trim(operation, Reply(data, keepable=True), KNOWN)
    return content.body, content.items


def decided(operation: Operation[Any], answer: Incoming) -> tuple[Any, bool]:
    """What pydantic makes of it, None for a refusal; and whether something undeclared was counted."""
    before = COUNTERS.value("drift", difference="undeclared")
    try:
        made = public(operation, open_envelope(answer))
    except (UpstreamInvalid, UpstreamError, Refused):
        made = None
    return made, COUNTERS.value("drift", difference="undeclared") > before


def by_name(name: str) -> Operation[Any]:
    declared = next(one for one in BUILT_IN.operations if one.id == name)
    return declared.model_construct()


def test_which_answers_are_decoded() -> None:
    """A declaration that can be derived no more, or can now, is noticed here."""
    readers = {one.id: TRIMMING.reader(one.model_construct()) for one in BUILT_IN.operations}
    assert {name for name, reader in readers.items() if reader is not open_envelope} == DECODED


@pytest.mark.holds(40, 59)
@pytest.mark.parametrize("name", sorted(DECODED))
@given(st.randoms(use_true_random=True), RATES)
@settings(max_examples=100, deadline=None)
def test_a_decoder_says_what_pydantic_says_or_nothing(
    name: str, chance: Random, rate: float
) -> None:
    """The same bytes, or the answer is left to pydantic; whatever is refused or drifts is."""
    operation = by_name(name)
    for _ in range(20):
        answer = Incoming(200, JSON, Odd(chance, rate).answer(operation.wire_type))
        try:
            read = TRIMMING.reader(operation)(answer)
        except (UpstreamInvalid, UpstreamError, Refused):
            continue  # said by `open_envelope`, as without a decoder
        if isinstance(read, Public):
            assert ((read.body, read.items), False) == decided(operation, answer), answer.body


@pytest.mark.holds(40)
@pytest.mark.parametrize(("depth", "read"), [(DEEPEST - 3, True), (DEEPEST - 2, False)])
def test_what_is_passed_on_as_it_is_nests_no_deeper(depth: int, read: bool) -> None:
    """A decoder keeps to the limit where any JSON may stand, brackets in its texts left aside."""
    free = "[" * (depth - 1) + '"[[{"' + "]" * (depth - 1)
    body = f'{{"success":true,"data":[{{"id":"a","targeting":{{"x":{free}}}}}]}}'.encode()
    reader = TRIMMING.reader(by_name("listAdSets"))
    if read:
        assert isinstance(reader(Incoming(200, JSON, body)), Public)
    else:
        with pytest.raises(UpstreamInvalid):
            reader(Incoming(200, JSON, body))


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with world(cache={"max_bytes": 0}) as made:
        yield made


@pytest.mark.parametrize(
    "operation", [one for one in READS if one.id in DECODED], ids=lambda o: o.id
)
def test_what_the_sandbox_answers_is_decoded(
    running: World, operation: type[Operation[Any]]
) -> None:
    """With every field, level, breakdown and type; what drifts, or comes bare, is counted instead."""
    browser = running.sign_in(WHO)
    for more in variants(operation.id):
        assert get(browser, ask_of(operation).target, more).status_code == 200
    undecoded = running.parts.counters.value("undecoded", operation=operation.id)
    assert undecoded == UNDECODED.get(operation.id, 0)
