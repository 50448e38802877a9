"""Replicas renew a user's tokens once, one after the other, and nobody overwrites newer ones."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest

from app.observe.logs import make_log
from app.parts import make_parts
from app.testing.world import no_jitter, settings_for
from app.upstream import shared_tokens
from app.upstream.retries import MOST
from app.upstream.shared_tokens import SharedTokens
from tests.inside import GATEWAY, Inside, Platform
from tests.replicas.cluster import RING_KEY
from tests.replicas.redis_server import RedisServer, redis_server
from tests.tokens.asking import ask, prime, token_of

T = TypeVar("T")
HOUR = 3600


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _empty(redis: RedisServer) -> None:
    with redis.client() as client:
        client.flushall()


def replicated(
    on: Platform,
    redis: RedisServer,
    scenario: Callable[[list[Inside]], Awaitable[T]],
    replicas: int = 3,
) -> T:
    """The scenario with that many gateways in one event loop, on one Redis and one platform."""

    async def play() -> T:
        settings = settings_for(
            on.server.origin,
            GATEWAY,
            redis={"url": redis.url},
            session={"keys": [RING_KEY]},
        )
        gateways = []
        for _ in range(replicas):
            log = io.StringIO()
            parts = make_parts(settings, on.clock, make_log(settings.log, log), no_jitter)
            await parts.start()
            gateways.append(Inside(on, parts, log))
        try:
            return await scenario(gateways)
        finally:
            for gateway in gateways:
                await gateway.parts.close()

    return asyncio.run(play())


def shared_of(gateway: Inside) -> SharedTokens:
    shared = gateway.parts.platform.tokens._shared
    assert shared is not None
    return shared


def lease_of(redis: RedisServer) -> bytes:
    """The key of the only lease there is."""
    with redis.client() as client:
        (key,) = client.keys("bff:f:*")
    return bytes(key)


@pytest.mark.holds(95)
def test_at_expiry_all_replicas_cost_one_refresh(sandbox: Platform, redis: RedisServer) -> None:
    """200 requests on each of three replicas: one refresh, the same token everywhere, no error."""

    async def scenario(gateways: list[Inside]) -> None:
        for gateway in gateways:
            await prime(gateway)
        assert sandbox.asked("exchangeToken") == 1
        sandbox.clock.advance(HOUR)
        sandbox.fault("refreshToken", "latency", seconds=0.2)
        asked = [prime(gateway) for _ in range(200) for gateway in gateways]
        assert len(set(await asyncio.gather(*asked))) == 1
        assert sandbox.asked("refreshToken") == 1
        assert sandbox.asked("exchangeToken") == 1

    replicated(sandbox, redis, scenario)


@pytest.mark.holds(95, 97)
def test_the_background_of_all_replicas_refreshes_once(
    sandbox: Platform, redis: RedisServer
) -> None:
    """Past the soft end nobody waits, one replica refreshes, and the others take what it got."""

    async def scenario(gateways: list[Inside]) -> None:
        first = {await prime(gateway) for gateway in gateways}
        sandbox.clock.advance(0.91 * HOUR)
        assert {await prime(gateway) for gateway in gateways} == first
        await gateways[0].until(lambda: not first & {token_of(gateway) for gateway in gateways})
        assert len({token_of(gateway) for gateway in gateways}) == 1
        assert sandbox.asked("refreshToken") == 1

    replicated(sandbox, redis, scenario)


@pytest.mark.holds(98)
def test_a_token_that_the_platform_refuses_is_renewed_once_for_all(
    sandbox: Platform, redis: RedisServer
) -> None:
    """Each replica sees a 401 with the old token, one exchanges, the others use the new one."""

    async def scenario(gateways: list[Inside]) -> None:
        for number, gateway in enumerate(gateways):
            await ask(gateway, number)
        sandbox.sandbox.tokens.revoke("ben")
        sandbox.sandbox.switches.enforce_tokens = True
        sandbox.forget()
        for number, gateway in enumerate(gateways, 10):
            sandbox.fault("getInsights", "token-expired", status=401)
            await ask(gateway, number)
        assert sandbox.asked("exchangeToken") == 1
        assert len({token_of(gateway) for gateway in gateways}) == 1

    replicated(sandbox, redis, scenario)


# --- the holder of the lease dies at each step ----------------------------------------------------


@pytest.mark.holds(96)
def test_a_holder_who_died_before_asking_is_waited_for_and_replaced(
    sandbox: Platform, redis: RedisServer
) -> None:
    """His lease ends by itself; then one of those who wait asks, and all have its tokens."""

    async def scenario(gateways: list[Inside]) -> None:
        dead, *living = gateways
        taken = shared_of(dead)._leases
        await taken._take(_lease_name(), "a holder that never renews nor releases")
        waiting = [asyncio.create_task(prime(gateway)) for gateway in living]
        await asyncio.sleep(0.15)
        assert sandbox.asked("exchangeToken") == 0
        with redis.client() as client:
            client.pexpire(lease_of(redis), 1)
        assert len({await one for one in waiting}) == 1
        assert sandbox.asked("exchangeToken") == 1

    replicated(sandbox, redis, scenario)


@pytest.mark.holds(95, 96)
@pytest.mark.parametrize("asked", [False, True], ids=["before asking", "before writing"])
def test_at_expiry_nobody_notices_a_holder_who_died(
    sandbox: Platform, redis: RedisServer, asked: bool
) -> None:
    """200 requests on each replica that lives: one of them does what he did not finish, once."""

    async def scenario(gateways: list[Inside]) -> None:
        dead, *living = gateways
        for gateway in gateways:
            await prime(gateway)
        sandbox.clock.advance(HOUR)
        await shared_of(dead)._leases._take(
            _lease_name(), "a holder that never renews nor releases"
        )
        if asked:
            # What he was answered is lost with him.
            platform = dead.parts.platform
            refresh = platform.tokens._pairs["ben"].refresh
            assert await platform._new_access("ben", refresh) is not None
        waiting = [asyncio.create_task(prime(gateway)) for _ in range(200) for gateway in living]
        await asyncio.sleep(0.15)
        with redis.client() as client:
            client.pexpire(lease_of(redis), 1)
        assert len(set(await asyncio.gather(*waiting))) == 1
        assert sandbox.asked("refreshToken") == (2 if asked else 1)
        assert sandbox.asked("exchangeToken") == 1

    replicated(sandbox, redis, scenario)


@pytest.mark.holds(96)
def test_a_holder_who_died_after_writing_has_done_the_work(
    sandbox: Platform, redis: RedisServer
) -> None:
    """Who waited for him finds his tokens and asks nothing."""

    async def scenario(gateways: list[Inside]) -> None:
        dead, *living = gateways
        token = await prime(dead)
        await shared_of(dead)._leases._take(_lease_name(), "a holder that never releases")
        waiting = [asyncio.create_task(prime(gateway)) for gateway in living]
        await asyncio.sleep(0.15)
        with redis.client() as client:
            client.pexpire(lease_of(redis), 1)
        assert {await one for one in waiting} == {token}
        assert sandbox.asked("exchangeToken") == 1

    replicated(sandbox, redis, scenario)


@pytest.mark.holds(96)
def test_a_late_winner_does_not_overwrite_newer_tokens(
    sandbox: Platform, redis: RedisServer
) -> None:
    """He lost his lease while the platform was slow: what the next one wrote stays, for him too."""

    async def scenario(gateways: list[Inside]) -> None:
        late, other, third = gateways
        sandbox.fault("exchangeToken", "latency", seconds=0.6)
        slow = asyncio.create_task(prime(late))
        await late.until(lambda: sandbox.asked("exchangeToken") == 1)
        with redis.client() as client:
            client.delete(lease_of(redis))
        newer = await prime(other)
        assert sandbox.asked("exchangeToken") == 2
        assert await slow == newer
        assert await prime(third) == newer
        assert sandbox.asked("exchangeToken") == 2

    replicated(sandbox, redis, scenario)


@pytest.mark.holds(97)
def test_losers_never_fail_for_losing(sandbox: Platform, redis: RedisServer) -> None:
    """The first one's exchange fails: each of the others tries for himself, and the second succeeds."""

    async def scenario(gateways: list[Inside]) -> list[str | BaseException]:
        sandbox.fault("exchangeToken", "status", status=503, seconds=0.2, times=1 + MOST)
        return await asyncio.gather(
            *(prime(gateway) for gateway in gateways), return_exceptions=True
        )

    results = replicated(sandbox, redis, scenario)
    assert sum(isinstance(one, BaseException) for one in results) == 1
    assert len({one for one in results if isinstance(one, str)}) == 1
    assert sandbox.asked("exchangeToken") == 2 + MOST


# --- at rest, forgotten, and without Redis --------------------------------------------------------


@pytest.mark.holds(99)
def test_tokens_are_sealed_at_rest(sandbox: Platform, redis: RedisServer) -> None:
    """No key and no value in Redis holds a token or an id, and a sealed pair opens for its user only."""

    async def scenario(gateways: list[Inside]) -> None:
        token = await prime(gateways[0])
        await prime(gateways[0], "cleo")
        with redis.client() as client:
            stored = b"".join(
                key + (b"".join(client.hgetall(key).values()) if key.startswith(b"bff:t:") else b"")
                for key in client.keys("*")
            )
            assert token.encode() not in stored
            assert b"ben" not in stored
            ben, cleo = (shared_of(gateways[0])._key(user) for user in ("ben", "cleo"))
            sealed = client.hget(ben, "pair")
            assert sealed is not None
            client.hset(cleo, "pair", sealed)
        assert await shared_of(gateways[1]).get("cleo") is None
        pair = await shared_of(gateways[1]).get("ben")
        assert pair is not None
        assert pair.access == token
        assert token not in repr(pair)

    replicated(sandbox, redis, scenario)


@pytest.mark.holds(53)
def test_forgotten_tokens_are_forgotten_everywhere(sandbox: Platform, redis: RedisServer) -> None:
    """Every replica exchanges anew, and who was renewing at that moment brings nothing back."""

    async def scenario(gateways: list[Inside]) -> None:
        one, other, renewing = gateways
        first = {await prime(gateway) for gateway in gateways}
        sandbox.clock.advance(HOUR)
        sandbox.fault("refreshToken", "latency", seconds=0.5)
        slow = asyncio.create_task(prime(renewing))
        await one.until(lambda: sandbox.asked("refreshToken") == 1)
        await one.parts.platform.tokens.forget("ben")
        await slow
        await one.until(lambda: "ben" not in other.parts.platform.tokens._pairs)
        assert await shared_of(one).get("ben") is None
        assert await prime(other) not in first
        assert sandbox.asked("exchangeToken") == 2

    replicated(sandbox, redis, scenario)


@pytest.mark.holds(92)
def test_without_redis_each_replica_has_tokens_of_its_own(
    sandbox: Platform, redis: RedisServer
) -> None:
    """It goes away: requests are served with what is there, or with an exchange of one's own."""

    async def scenario(gateways: list[Inside]) -> None:
        first = await prime(gateways[0])
        redis.stop()
        try:
            assert await prime(gateways[0]) == first
            assert await prime(gateways[1]) != first
            assert sandbox.asked("exchangeToken") == 2
        finally:
            redis.start()

    replicated(sandbox, redis, scenario)


def _lease_name() -> bytes:
    return shared_tokens.FORM.purpose.encode() + shared_tokens._name("ben")
