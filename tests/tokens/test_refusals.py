"""Whose refusal is it: the key's, the token's, or a lack of rights?"""

from __future__ import annotations

import asyncio

import pytest

from app.catalogue.insights import GetMetaInsights
from app.errors import Forbidden, OutcomeUnknown, UpstreamCredentials, UpstreamTimeout
from app.upstream.client import Question
from app.upstream.lanes import Urgency
from tests.inside import Inside, Platform, inside
from tests.tokens.asking import ask, prime, question

ALERT = "the platform refuses our key"


@pytest.mark.holds(93)
def test_a_refused_key_is_told_apart_and_asked_seldom(sandbox: Platform) -> None:
    """401 from the exchange is the key: a typed problem, one alert, one call in five seconds."""

    async def scenario(gateway: Inside) -> None:
        sandbox.fault("*", "key-revoked", times=None)
        for number in range(20):
            with pytest.raises(UpstreamCredentials):
                await ask(gateway, number)
        assert len(sandbox.sandbox.calls.list()) == 1
        assert gateway.log.getvalue().count(ALERT) == 1
        sandbox.clock.advance(5)
        with pytest.raises(UpstreamCredentials):
            await ask(gateway, 20)
        assert sandbox.asked("exchangeToken") == 2
        sandbox.sandbox.faults.clear()
        sandbox.clock.advance(5)
        await ask(gateway, 21)

    inside(sandbox, scenario)


@pytest.mark.holds(93)
def test_dead_tokens_are_renewed_unnoticed(sandbox: Platform) -> None:
    """The platform forgot all tokens of an hour's middle: 50 requests, one exchange, no refusal."""

    async def scenario(gateway: Inside) -> None:
        first = await prime(gateway)
        sandbox.clock.advance(1000)
        sandbox.sandbox.tokens.revoke("ben")
        sandbox.fault("exchangeToken", "latency", seconds=0.1)
        tokens = gateway.parts.platform.tokens
        await asyncio.gather(*(ask(gateway, number) for number in range(50)))
        assert sandbox.asked("exchangeToken") == 2
        assert await tokens.access("ben") != first

    inside(sandbox, scenario)


@pytest.mark.holds(93)
def test_requests_refused_together_are_all_tried_again(sandbox: Platform) -> None:
    """20 different calls meet the same dead token at once: one exchange serves every one of them."""

    async def scenario(gateway: Inside) -> None:
        await gateway.ask("ben", question(0))  # facts and a proof are there
        sandbox.clock.advance(61)
        await gateway.ask("ben", question(1))
        sandbox.sandbox.tokens.revoke("ben")
        sandbox.sandbox.calls.clear()
        # Some are refused while the exchange is under way, some after it.
        sandbox.fault("exchangeToken", "latency", seconds=0.2)
        for delay in (0.0, 0.1, 0.3):
            sandbox.fault("getInsights", "latency", times=6, seconds=delay)
        await asyncio.gather(*(ask(gateway, number) for number in range(2, 22)))
        assert sandbox.asked("exchangeToken") == 1

    inside(sandbox, scenario)


@pytest.mark.holds(93)
@pytest.mark.parametrize("age", [0, 1000])
def test_a_401_costs_one_exchange_and_one_retry(sandbox: Platform, age: int) -> None:
    """However young the token: 401 speaks of credentials."""

    async def scenario(gateway: Inside) -> None:
        await prime(gateway)
        sandbox.clock.advance(age)
        sandbox.fault("getInsights", "status", status=401)
        await ask(gateway, 0)
        assert (sandbox.asked("exchangeToken"), sandbox.asked("getInsights")) == (2, 2)

    inside(sandbox, scenario)


@pytest.mark.holds(93)
def test_a_401_that_stays_is_the_key_and_no_storm(sandbox: Platform) -> None:
    """Refused with a new token too: upstream-credentials, and one exchange in a minute."""

    async def scenario(gateway: Inside) -> None:
        await prime(gateway)
        sandbox.fault("getInsights", "status", times=None, status=401)
        for number in range(20):
            with pytest.raises(UpstreamCredentials):
                await ask(gateway, number)
        assert sandbox.asked("exchangeToken") == 2
        assert gateway.log.getvalue().count(ALERT) == 1
        sandbox.clock.advance(61)
        with pytest.raises(UpstreamCredentials):
            await ask(gateway, 20)
        assert sandbox.asked("exchangeToken") == 3

    inside(sandbox, scenario)


def of_boots(number: int) -> GetMetaInsights:
    return question(number, account="act_1002")


@pytest.mark.holds(93)
def test_a_loop_over_what_is_forbidden_is_no_storm(sandbox: Platform) -> None:
    """403 is believed of a young token at once, of an old one after one renewal in a minute."""

    async def scenario(gateway: Inside) -> list[int]:
        exchanges = []
        for seconds in (0, 61, 55, 10, 61):
            sandbox.clock.advance(seconds)
            for number in range(10):
                with pytest.raises(Forbidden):
                    await gateway.ask("emil", of_boots(number))
            exchanges.append(sandbox.asked("exchangeToken"))
        return exchanges

    assert inside(sandbox, scenario) == [1, 2, 2, 3, 4]


@pytest.mark.holds(93)
def test_a_refused_write_is_sent_once_more(sandbox: Platform) -> None:
    """A change refused for its token was not done: it is sent again, and done once."""

    async def scenario(gateway: Inside) -> None:
        await prime(gateway)
        sandbox.clock.advance(100)
        sandbox.sandbox.tokens.revoke("ben")
        rename = Question(
            "renameTeam", {"id": "team-acme-brand", "name": "Acme Brand"}, True, 5, Urgency.WRITE
        )
        await gateway.parts.platform.ask(rename, "ben")
        assert [call.status for call in sandbox.calls("updateTeamName")] == [403, 200]

    inside(sandbox, scenario)


# --- one deadline for everything ------------------------------------------------------------------

READ = Question("getTeam", {"id": "team-acme-brand"}, False, 0.5, Urgency.READ)
WRITE = Question(
    "renameTeam", {"id": "team-acme-brand", "name": "Acme Brand"}, True, 0.5, Urgency.WRITE
)
SLOW = [
    ({"exchangeToken": 5.0}, READ, UpstreamTimeout),
    ({"exchangeToken": 5.0}, WRITE, UpstreamTimeout),
    ({"exchangeToken": 0.3, "getTeam": 0.4}, READ, UpstreamTimeout),
    ({"exchangeToken": 0.3, "updateTeamName": 0.4}, WRITE, OutcomeUnknown),
]


@pytest.mark.holds(82)
@pytest.mark.parametrize(("delays", "asked", "problem"), SLOW)
def test_one_deadline_holds_for_token_and_call_together(
    sandbox: Platform, delays: dict[str, float], asked: Question, problem: type[Exception]
) -> None:
    """The wait for a token is a part of it; a change that was not sent yet has a known outcome.

    Where both are slow each alone would be in time.
    """

    async def scenario(gateway: Inside) -> None:
        for operation, seconds in delays.items():
            sandbox.fault(operation, "latency", seconds=seconds)
        with pytest.raises(problem):
            await gateway.parts.platform.ask(asked, "ben")

    inside(sandbox, scenario)


@pytest.mark.holds(82)
def test_the_second_attempt_has_what_the_first_left(sandbox: Platform) -> None:
    """A refused attempt, a renewal and the retry share one deadline; each alone would be in time."""

    async def scenario(gateway: Inside) -> None:
        await prime(gateway)
        sandbox.fault("getTeam", "status", status=401, seconds=0.2)
        sandbox.fault("getTeam", "latency", seconds=0.35)
        sandbox.fault("exchangeToken", "latency", seconds=0.1)
        with pytest.raises(UpstreamTimeout):
            await gateway.parts.platform.ask(READ, "ben")

    inside(sandbox, scenario)


@pytest.mark.holds(27)
def test_no_token_is_shown(sandbox: Platform) -> None:
    """Neither what keeps tokens and keys nor what carries them tells them when it is printed."""

    async def scenario(gateway: Inside) -> str:
        await prime(gateway)
        platform = gateway.parts.platform
        pair = platform.tokens._pairs["ben"]
        shown = repr([platform, platform.__dict__, platform.tokens, platform.tokens.__dict__])
        assert pair.access not in shown
        assert pair.refresh not in shown
        return shown + repr(pair) + str(pair)

    shown = inside(sandbox, scenario)
    assert "canary-key" not in shown
    assert "eyJ" not in shown
