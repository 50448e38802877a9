"""What is not stored at all, and how much is."""

from __future__ import annotations

import asyncio
import gc
import math
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from app.cache.entries import Content, Entry, Key, State
from app.cache.epochs import LocalEpochs
from app.cache.store import Store
from app.caller import Caller, Via
from app.catalogue import tags
from app.clock import MovableClock, today
from app.errors import Problem
from app.gateway.consents import Consents, Errand
from app.gateway.facts import Facts
from app.gateway.proofs import Proofs, Reach, way_of
from app.session.records import LocalRecords
from app.upstream.exchange import Exchange, Incoming, Outgoing
from app.upstream.tokens import Tokens
from tests.cache.reads import campaigns, insights, members
from tests.inside import GATEWAY, Inside, Platform, inside

KIB = 1024


async def state_of(gateway: Inside) -> tuple[State, bool]:
    found = (await gateway.ask("ben", members())).found
    assert found is not None
    return found.state, found.stored


@pytest.mark.holds(75)
@pytest.mark.parametrize(
    "failure",
    [{"kind": "status", "status": status} for status in (400, 403, 404, 409, 500, 503)]
    + [{"kind": kind} for kind in ("rate-limit", "reset", "garbage", "content-type")]
    + [{"kind": "unsuccessful"}, {"kind": "key-revoked"}],
    ids=lambda failure: str(failure.get("status", failure["kind"])),
)
def test_an_error_is_not_stored(sandbox: Platform, failure: dict[str, Any]) -> None:
    """Once the platform is well again, the next read has its answer."""

    async def scenario(gateway: Inside) -> tuple[State, bool]:
        sandbox.fault("getTeamMembers", times=None, **failure)
        with pytest.raises(Problem):
            await gateway.ask("ben", members())
        sandbox.sandbox.faults.clear()
        sandbox.clock.advance(2)  # a 429 is obeyed for a while
        return await state_of(gateway)

    assert inside(sandbox, scenario) == (State.MISS, True)


class Marked:
    """The real exchange; every answer carries this Cache-Control."""

    def __init__(self, inner: Exchange, cache_control: str) -> None:
        self._inner = inner
        self._cache_control = cache_control

    async def send(self, request: Outgoing, deadline: float) -> Incoming:
        answer = await self._inner.send(request, deadline)
        return replace(answer, headers={**answer.headers, "cache-control": self._cache_control})

    async def close(self) -> None:
        await self._inner.close()


@pytest.mark.holds(75)
@pytest.mark.parametrize(
    ("cache_control", "stored"),
    [("no-store", False), ("private, NO-STORE , max-age=9", False), ("private, no-cache", True)],
)
def test_no_store_is_obeyed(sandbox: Platform, cache_control: str, stored: bool) -> None:
    """An answer that the platform does not want kept is asked for each time."""

    async def scenario(gateway: Inside) -> list[tuple[State, bool]]:
        resilience = gateway.parts.platform.resilience
        resilience._exchange = Marked(resilience._exchange, cache_control)
        return [await state_of(gateway), await state_of(gateway)]

    again = (State.HIT, True) if stored else (State.MISS, False)
    assert inside(sandbox, scenario) == [(State.MISS, stored), again]


# --- the byte cap ---------------------------------------------------------------------------------


@pytest.mark.holds(79)
def test_a_flood_of_questions_stays_under_the_cap(sandbox: Platform) -> None:
    """A hundred different questions fit into a small cache by pushing the first ones out."""

    async def scenario(gateway: Inside) -> None:
        cache, day = gateway.parts.cache, today(sandbox.clock)
        for ago in range(100):
            await gateway.ask("ben", insights(day - timedelta(days=ago)))
            assert cache.store.size_bytes <= 512 * KIB
        assert 5 < len(cache.store) < 100
        for ago, state in ((99, State.HIT), (0, State.MISS)):
            found = (await gateway.ask("ben", insights(day - timedelta(days=ago)))).found
            assert found is not None
            assert found.state is state

    inside(sandbox, scenario, cache={"max_bytes": 512 * KIB})


@pytest.mark.holds(79)
def test_a_large_answer_passes_through(sandbox: Platform) -> None:
    """An answer larger than a sixteenth of the cache is given and not kept; small ones stay kept."""

    async def scenario(gateway: Inside) -> None:
        assert await state_of(gateway) == (State.MISS, True)
        for _ in range(2):
            found = (await gateway.ask("ben", campaigns())).found
            assert found is not None
            assert (found.state, found.stored) == (State.MISS, False)
        assert await state_of(gateway) == (State.HIT, True)

    inside(sandbox, scenario, cache={"max_bytes": 16 * 3250})


@pytest.mark.holds(79)
@pytest.mark.parametrize("length", [8, 40, 128])
@pytest.mark.parametrize("body", [10, 2000])
def test_the_cap_counts_what_the_memory_holds(length: int, body: int) -> None:
    """However long the ids are, the bytes that the store counts are the bytes that it takes, where no
    two entries depend on the same; where they do, it takes less."""
    alone = way_of.__wrapped__
    epochs, store = LocalEpochs(MovableClock(), most=100), Store(4 * 1024 * KIB)

    async def flood() -> None:
        for number in range(6000):
            user, team, account = (f"{kind}{number}" + "x" * length for kind in "uta")
            snapshot = await epochs.current(
                alone(user, team, account, "listCampaigns").proven | {tags.account(account)}
            )
            content = Content(bytes(body))
            assert content.etag
            key = Key("listCampaigns" + str(number % 3), ("user", user), number)
            store.put(key, key.digest, Entry(content, 0.0, 60.0, 600.0, snapshot))
        epochs._taken.clear()  # they have a bound of their own

    gc.collect()
    tracemalloc.start()
    asyncio.run(flood())
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 3.5 * 1024 * KIB < store.size_bytes <= 4 * 1024 * KIB
    assert 0.85 < store.size_bytes / taken < 1.15


# --- everything else that is remembered -----------------------------------------------------------


@pytest.mark.holds(79)
def test_epochs_are_bounded_and_a_lost_one_is_stale() -> None:
    """Whoever floods them with tags makes what was kept stale, and never fresh again."""
    epochs = LocalEpochs(MovableClock(), most=10)

    async def flood() -> None:
        first = await epochs.current({tags.team("first")})
        assert epochs.stand(first)
        for number in range(100):
            await epochs.current({tags.team(str(number))})
        assert 5 <= len(epochs._epochs) <= 10
        assert not epochs.stand(first)
        await epochs.current({tags.team("first")})
        assert not epochs.stand(first)

    asyncio.run(flood())


@pytest.mark.holds(79)
def test_bars_and_writes_leave_nothing_behind() -> None:
    """What is remembered of writes goes with them, that of unknown ends with their time."""
    clock = MovableClock()
    epochs = LocalEpochs(clock)

    async def write(team: str) -> None:
        async with epochs.writing(frozenset({tags.team(team)}), 30) as writing:
            writing.unknown = True

    for number in range(100):
        asyncio.run(write(str(number)))
    assert len(epochs._bars) == 100
    clock.advance(31)
    asyncio.run(write("last"))
    assert list(epochs._bars) == [tags.team("last")]


@pytest.mark.holds(79)
def test_tokens_proofs_and_consents_are_bounded() -> None:
    """Each remembers the most recent ones only."""
    clock = MovableClock()
    epochs = LocalEpochs(clock)
    proofs: Proofs[Reach] = Proofs(epochs, clock, ttl=30, outage=900, most=10)
    errands: LocalRecords[Errand] = LocalRecords(clock, 10)
    consents = Consents(GATEWAY, [], errands, None, epochs, clock, most=10)

    async def exchange(user: str) -> tuple[str, str]:
        return f"access of {user}", f"refresh of {user}"

    async def refresh(user: str, token: str) -> str | None:
        return None

    async def use() -> Tokens:
        tokens = Tokens(exchange, refresh, clock, most=10)
        for number in range(100):
            user = f"user{number}"
            token = await tokens.access(user)
            await tokens.another(user, token, certain=True)
            reach = Reach(user, "t", "a")
            proven = way_of(*reach, "listCampaigns").proven
            snapshot = await epochs.current(proven)
            own = Entry(Content(b"{}"), clock.now(), math.inf, math.inf, snapshot)
            proofs.give(reach, proven, own)
            await consents.open(f"team{number}", "/")
        return tokens

    tokens = asyncio.run(use())
    assert 5 <= len(tokens._pairs) <= 10
    assert 5 <= len(tokens._renewed) <= 10
    assert len(proofs._proofs) == 10
    assert len(errands._kept) == len(consents._watched) == 10
    assert proofs.alive(Reach("user99", "t", "a"))
    assert not proofs.alive(Reach("user0", "t", "a"))


@pytest.mark.holds(79)
def test_facts_are_bounded_and_flights_end(sandbox: Platform) -> None:
    """Facts push older ones out, and what landed is in no list of flights."""

    async def scenario(gateway: Inside) -> None:
        parts = gateway.parts
        facts = Facts(
            parts.platform,
            parts.epochs,
            parts.clock,
            parts.drift,
            deadline=10,
            outage_seconds=900,
            most=2,
        )
        ana = Caller("ana", Via.SESSION, by_cookie=True)
        for team in ("team-acme-brand", "team-acme-agency", "team-acme-default"):
            await facts.team(ana, team, 30)
        assert len(facts._remembered) == 2
        await asyncio.gather(*(gateway.ask("ben", campaigns()) for _ in range(20)))
        for flights in (
            parts.cache._flights,
            parts.reading._proving,
            parts.facts._flights,
            parts.platform.tokens._flights,
        ):
            assert len(flights) == 0

    inside(sandbox, scenario)
