"""Tokens are renewed before anyone waits for them, once, and a failure hurts as late as it can."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.errors import Problem, UpstreamError
from app.upstream.retries import MOST
from tests.inside import Inside, Platform, inside
from tests.tokens.asking import ask, prime, token_of

HOUR = 3600


@pytest.mark.holds(95)
def test_a_token_is_refreshed_in_the_background_at_80_to_90_percent(sandbox: Platform) -> None:
    """Not before 80 % of its life; at 90 % one refresh for 50 requests, none of which waits."""

    async def scenario(gateway: Inside) -> None:
        first = await prime(gateway)
        sandbox.clock.advance(0.79 * HOUR)
        await ask(gateway, 0)
        assert sandbox.asked("refreshToken") == 0

        sandbox.clock.advance(0.11 * HOUR)
        sandbox.fault("refreshToken", "latency", seconds=0.5)
        tokens = gateway.parts.platform.tokens
        async with asyncio.timeout(0.4):
            assert {await tokens.access("ben") for _ in range(50)} == {first}
            await asyncio.gather(*(ask(gateway, number) for number in range(5)))
        await gateway.settle()
        assert sandbox.asked("refreshToken") == 1
        assert sandbox.asked("exchangeToken") == 1
        assert token_of(gateway) != first
        await ask(gateway, 6)

    inside(sandbox, scenario)


def test_users_who_came_together_are_not_refreshed_together(sandbox: Platform) -> None:
    """The moment is drawn for each, within those ten percent."""

    async def scenario(gateway: Inside) -> list[float]:
        for user in ("ana", "ben", "cleo", "dora", "emil"):
            await prime(gateway, user)
        pairs = gateway.parts.platform.tokens._pairs.values()
        return [(pair.soft - pair.issued) / HOUR for pair in pairs]

    moments = inside(sandbox, scenario)
    assert len(set(moments)) == 5
    assert all(0.8 <= moment <= 0.9 for moment in moments)


@pytest.mark.holds(95)
def test_past_its_end_everybody_waits_for_one_refresh(sandbox: Platform) -> None:
    """50 requests after the hard end cost one refresh, and none of them is refused."""

    async def scenario(gateway: Inside) -> None:
        first = await prime(gateway)
        sandbox.clock.advance(HOUR - 20)  # it could die on the way
        sandbox.fault("refreshToken", "latency", seconds=0.2)
        await asyncio.gather(*(ask(gateway, number) for number in range(50)))
        assert sandbox.asked("refreshToken") == 1
        assert sandbox.asked("exchangeToken") == 1
        assert token_of(gateway) != first

    inside(sandbox, scenario)


@pytest.mark.holds(98)
@pytest.mark.parametrize(
    "failure",
    [{"kind": "status", "status": 500}, {"kind": "reset"}],
    ids=["500", "reset"],
)
def test_a_transient_failure_keeps_the_valid_token(
    sandbox: Platform, failure: dict[str, Any]
) -> None:
    """Nobody notices, nothing is exchanged, and the next attempt waits a quarter of a minute."""

    async def scenario(gateway: Inside) -> None:
        first = await prime(gateway)
        sandbox.clock.advance(0.91 * HOUR)
        sandbox.fault("refreshToken", times=2 * (1 + MOST), **failure)
        for number in range(5):
            await ask(gateway, number)
            await gateway.settle()
        assert sandbox.asked("refreshToken") == 1 + MOST
        sandbox.clock.advance(16)
        await ask(gateway, 5)
        await gateway.settle()
        assert (sandbox.asked("refreshToken"), token_of(gateway)) == (2 * (1 + MOST), first)
        sandbox.clock.advance(16)
        await ask(gateway, 6)
        await gateway.settle()
        asked = sandbox.asked("refreshToken"), sandbox.asked("exchangeToken")
        assert asked == (2 * (1 + MOST) + 1, 1)
        assert token_of(gateway) != first

    inside(sandbox, scenario)


@pytest.mark.holds(98)
@pytest.mark.parametrize(
    "answer",
    [
        {"kind": "status", "status": 401},
        {"kind": "status", "status": 403},
        {"kind": "status", "status": 404},
        {"kind": "garbage"},
        {"kind": "status", "status": 200, "body": '{"success":true,"data":{}}'},
    ],
    ids=["401", "403", "404", "garbage", "no token"],
)
def test_a_dead_refresh_token_costs_one_exchange(sandbox: Platform, answer: dict[str, Any]) -> None:
    """Where refreshing leads nowhere there is one exchange, before the end as after it."""

    async def scenario(gateway: Inside) -> None:
        for seconds in (0.91 * HOUR, HOUR):
            first = await prime(gateway)
            sandbox.clock.advance(seconds)
            sandbox.forget()
            sandbox.fault("refreshToken", **answer)
            await asyncio.gather(*(ask(gateway, number) for number in range(10)))
            await gateway.settle()
            assert sandbox.asked("refreshToken") == 1
            assert sandbox.asked("exchangeToken") == 1
            assert token_of(gateway) != first

    inside(sandbox, scenario)


@pytest.mark.holds(98)
def test_when_all_renewing_fails_the_valid_token_is_used_without_a_storm(sandbox: Platform) -> None:
    """Refresh token dead and exchange down: the token serves to its end, attempts are few."""

    async def scenario(gateway: Inside) -> None:
        await prime(gateway)
        sandbox.clock.advance(0.91 * HOUR)
        sandbox.fault("refreshToken", "status", times=None, status=401)
        sandbox.fault("exchangeToken", "status", times=None, status=500)
        for number in range(20):
            await ask(gateway, number)
            await gateway.settle()
        asked = sandbox.asked("refreshToken"), sandbox.asked("exchangeToken")
        assert asked == (1, 1 + 1 + MOST)
        sandbox.clock.advance(0.09 * HOUR)
        with pytest.raises(UpstreamError):
            await prime(gateway)

    inside(sandbox, scenario)


@pytest.mark.holds(94)
def test_a_token_that_was_long_on_its_way_is_no_younger_for_it(sandbox: Platform) -> None:
    """Its life counts from when it was asked for: the platform's clock ran meanwhile."""

    async def scenario(gateway: Inside) -> None:
        sandbox.fault("exchangeToken", "latency", seconds=0.2, after_effect=True)
        asking = asyncio.create_task(prime(gateway))
        await gateway.until(lambda: sandbox.asked("exchangeToken") == 1)
        sandbox.clock.advance(300)
        await asking
        sandbox.clock.advance(HOUR - 300)
        await ask(gateway, 0)
        assert sandbox.asked("refreshToken") == 1
        assert {call.status for call in sandbox.sandbox.calls.list()} == {200, 201}

    inside(sandbox, scenario)


def test_after_a_day_there_is_nothing_to_refresh_with(sandbox: Platform) -> None:
    """The refresh token's life is known: past it the gateway exchanges without trying."""

    async def scenario(gateway: Inside) -> None:
        await prime(gateway)
        sandbox.clock.advance(24 * HOUR)
        await ask(gateway, 0)
        assert (sandbox.asked("refreshToken"), sandbox.asked("exchangeToken")) == (0, 2)

    inside(sandbox, scenario)


@pytest.mark.holds(14)
@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "access-unavailable"), (403, "forbidden"), (409, "access-unavailable")],
)
def test_an_exchange_that_is_refused_is_a_typed_problem(
    sandbox: Platform, status: int, code: str
) -> None:
    """What the platform says to the gateway's own question is never the caller's 4xx but 403."""

    async def scenario(gateway: Inside) -> str:
        sandbox.fault("exchangeToken", "status", status=status)
        with pytest.raises(Problem) as raised:
            await ask(gateway, 0)
        return raised.value.code

    assert inside(sandbox, scenario) == code
