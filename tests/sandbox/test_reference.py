"""The sandbox answers as the samples of the platform's reference do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from app.clock import MovableClock
from app.sandbox.operations import ADDRESSES
from app.sandbox.server import SandboxServer
from app.sandbox.state import SandboxOptions

from .platform import GATEWAY, KEY, Platform
from .reference.asks import ASKS, SAMPLES, Ask, Name, send, walk

# What our answers hold beyond their sample.
_MORE = {
    28: {"type", "country_code", "region"},  # as Meta writes locations
    32: {"date_start", "date_stop"},  # Meta's rows always tell their period
}
_ANSWERED = sorted(name for name in SAMPLES if name[1] != "request")
_NO_RESPONSE = {37, 41}  # the reference has no sample of their answers


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """One for the whole walk."""
    clock = MovableClock()
    server = SandboxServer(SandboxOptions("", GATEWAY, KEY), clock, port=0)
    server.start()
    serving = Platform(server, clock)
    yield serving
    serving.http.close()
    server.stop()


@pytest.fixture(scope="module")
def answers(platform: Platform) -> dict[Name, httpx2.Response]:
    return walk(platform)


def differences(sample: Any, answer: Any, more: set[str], at: str = "$") -> Iterator[str]:
    """Where the answer has other keys or JSON types than the sample. Any number is a number."""
    if _type(sample) != _type(answer):
        yield f"{at}: {_type(answer)} instead of {_type(sample)}"
    elif isinstance(sample, dict):
        if unlike := set(sample) ^ (set(answer) - (more - set(sample))):
            yield f"{at}: {', '.join(sorted(unlike))}"
        for key in sample.keys() & answer.keys():
            yield from differences(sample[key], answer[key], more, f"{at}.{key}")
    elif isinstance(sample, list) and sample:
        if not answer:
            yield f"{at}: nothing in it"
        for n, item in enumerate(answer):
            yield from differences(sample[0], item, more, f"{at}[{n}]")


def _type(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number" if isinstance(value, int | float) else type(value).__name__


@pytest.mark.parametrize(("operation", "part"), _ANSWERED)
def test_answers(answers: dict[Name, httpx2.Response], operation: int, part: str) -> None:
    """Every answer has its sample's keys and types, its statusCode and its error code."""
    answer, sample = answers[operation, part], SAMPLES[operation, part]
    body = answer.json()
    assert list(differences(sample, body, _MORE.get(operation, set()))) == []
    assert answer.status_code == (201 if operation == 9 else int(part)), answer.text
    for fact in ("success", "statusCode", "path"):
        assert body.get(fact) == sample.get(fact)
    if "error" in sample:
        assert body["error"]["code"] == sample["error"]["code"]


def test_bodies_are_accepted(answers: dict[Name, httpx2.Response]) -> None:
    """Every sample of a request is sent, and taken."""
    sent = {number for number, part in SAMPLES if part == "request"}
    taken = {number for (number, _), answer in answers.items() if answer.is_success}
    assert sent <= taken
    assert answers[41, "201"].json()["data"].keys() == {"id"}


def test_nothing_is_left_out() -> None:
    """All 41 operations are on the walk, and every sample of an answer belongs to one step."""
    assert {ask.operation for ask in ASKS} == {address.number for address in ADDRESSES} - {37}
    assert len({ask.name for ask in ASKS}) == len(ASKS)
    assert {ask.name for ask in ASKS} - set(_ANSWERED) == {(41, "201")}
    assert {name[0] for name in _ANSWERED} | _NO_RESPONSE == set(range(1, 42))


@pytest.mark.parametrize("number", [35, 36, 37, 38, 39])
@pytest.mark.usefixtures("answers")  # the walk comes first: what is made here is in no sample
def test_ids_of_new_campaigns(platform: Platform, number: int) -> None:
    """Unless told to answer like the copied samples, every creation answers the three ids."""
    request = SAMPLES.get((number, "request"), SAMPLES[36, "request"])
    status = 201 if number in {36, 37} else 200
    ask = Ask(number, "ids", "cleo", {"teamId": "team-acme-brand"}, "adAccountId=act_1001", request)
    before = platform.sandbox.switches.documented_bodies
    assert platform.order("/switches", documentedBodies=False).is_success
    answer = send(platform, ask)
    assert platform.order("/switches", documentedBodies=before).is_success
    assert answer.status_code == status, answer.text
    assert list(differences(SAMPLES[36, "201"], answer.json(), set())) == []


def test_differences_are_seen() -> None:
    """The comparison notices a missing key, one too many, another type, null and emptiness."""
    sample = {"a": 1, "b": [{"c": "text"}]}
    assert list(differences(sample, {"a": 2.5, "b": [{"c": ""}, {"c": "x"}]}, set())) == []
    for other in (
        {"a": 1},
        {"a": 1, "b": [{"c": "text"}], "d": 1},
        {"a": "1", "b": [{"c": "text"}]},
        {"a": True, "b": [{"c": "text"}]},
        {"a": None, "b": [{"c": "text"}]},
        {"a": 1, "b": [{"c": "text"}, {}]},
        {"a": 1, "b": []},
    ):
        assert len(list(differences(sample, other, set()))) == 1, other
