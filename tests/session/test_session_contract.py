"""What sessions are, wherever they are kept: what is done at one replica is seen at the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from app.errors import Unauthenticated
from app.session.records import LocalRecords
from app.session.sessions import (
    NOTED_EVERY,
    Session,
    Sessions,
    key_of,
    names_of,
    of_provider_session,
    of_subject,
    of_subject_without_session,
    of_user,
)

from .keeping import ANA, Keeper

Story = Callable[[Sessions, Sessions], Awaitable[None]]


def told(keeper: Keeper, story: Story) -> None:
    """Run a story between two replicas; in process both are the same."""

    async def run() -> None:
        async with keeper.replica() as here, keeper.replica() as there:
            await story(here.sessions, there.sessions)

    asyncio.run(run())


async def begin(sessions: Sessions, keeper: Keeper, **changes: object) -> str:
    claims = replace(ANA, **changes)  # type: ignore[arg-type]  # each test changes what it likes
    return await sessions.start(claims, how="oidc", began=keeper.clock.time)


@pytest.mark.holds(10)
def test_ids_are_long_and_stay_outside(keeper: Keeper) -> None:
    """An id has 256 bits from the system; a record has its hash, and a handle that is neither."""

    async def story(here: Sessions, there: Sessions) -> None:
        ids = {await begin(here, keeper) for _ in range(20)}
        assert {len(one) for one in ids} == {43}
        for one in ids:
            session = await there.find(one, extend=False)
            assert session is not None
            assert session.key == key_of(one) != one
            assert session.handle not in one + session.key
            assert one not in repr(session)
            assert session.key not in repr(session)

    told(keeper, story)


def test_all_of_a_session_is_kept(keeper: Keeper) -> None:
    """Another replica finds every field as it was written, none of them changed by the way."""

    async def story(here: Sessions, there: Sessions) -> None:
        for changes in ({}, {"enterprises": None, "name": None, "provider_session": None}):
            one = await begin(here, keeper, **changes)
            kept = await there.find(one, extend=False)
            assert kept == Session(
                key=key_of(one),
                handle=kept.handle if kept else "",
                user="ana",
                subject="sub-ana",
                enterprises=None if changes else frozenset({"acme"}),
                name=None if changes else "Ana",
                explains=False,
                how="oidc",
                provider_session=None if changes else "sid-1",
                created=keeper.clock.time,
                seen=keeper.clock.time,
                idle_ends=keeper.clock.time + 600,
                absolute_ends=keeper.clock.time + 3600,
            )

    told(keeper, story)


@pytest.mark.holds(12)
@pytest.mark.parametrize(("later", "alive"), [(599, True), (600, False), (601, False)])
def test_idle_end(keeper: Keeper, later: int, alive: bool) -> None:
    """A session that nobody uses ends, to the second."""

    async def story(here: Sessions, there: Sessions) -> None:
        one = await begin(here, keeper)
        keeper.clock.time += later
        assert (await there.find(one, extend=True) is not None) is alive

    told(keeper, story)


@pytest.mark.holds(12)
@pytest.mark.parametrize(("later", "alive"), [(3599, True), (3600, False), (3601, False)])
def test_absolute_end(keeper: Keeper, later: int, alive: bool) -> None:
    """A session that is used all the time ends too."""

    async def story(here: Sessions, there: Sessions) -> None:
        one, began = await begin(here, keeper), keeper.clock.time
        for _ in range(6):
            keeper.clock.time += 590
            assert await there.find(one, extend=True) is not None
        keeper.clock.time = began + later
        assert (await there.find(one, extend=True) is not None) is alive

    told(keeper, story)


@pytest.mark.holds(12, 17)
def test_looking_does_not_extend(keeper: Keeper) -> None:
    """Only a person at work keeps a session alive: polls and peeks do not."""

    async def story(here: Sessions, there: Sessions) -> None:
        one = await begin(here, keeper)
        keeper.clock.time += 599
        assert await there.find(one, extend=False) is not None
        assert await there.peek(key_of(one)) is not None
        keeper.clock.time += 2
        assert await there.find(one, extend=True) is None

    told(keeper, story)


@pytest.mark.holds(12)
def test_activity_is_noted_now_and_then(keeper: Keeper) -> None:
    """What follows within 30 seconds is not noted: the idle end is never late, and early by that."""

    async def story(here: Sessions, there: Sessions) -> None:
        one, began = await begin(here, keeper), keeper.clock.time
        keeper.clock.time = began + NOTED_EVERY - 1
        await here.find(one, extend=True)
        seen = await there.find(one, extend=False)
        assert seen is not None
        assert (seen.seen, seen.idle_ends) == (began, began + 600)
        keeper.clock.time = began + NOTED_EVERY
        noted = await here.find(one, extend=True)
        assert noted is not None
        assert noted == await there.find(one, extend=False)
        assert (noted.seen, noted.idle_ends) == (began + NOTED_EVERY, began + NOTED_EVERY + 600)

    told(keeper, story)


def test_short_sessions_are_noted_more_often(keeper: Keeper) -> None:
    """Where sessions end after a minute of idleness, they end at most three seconds early."""
    keeper.settings = keeper.settings.model_copy(update={"idle_seconds": 60})

    async def story(here: Sessions, there: Sessions) -> None:
        one = await begin(here, keeper)
        keeper.clock.time += 3
        await here.find(one, extend=True)
        keeper.clock.time += 59
        assert await there.find(one, extend=False) is not None

    told(keeper, story)


@pytest.mark.holds(15)
def test_ended_is_ended(keeper: Keeper) -> None:
    """Requests in flight while a session ends at another replica cannot bring it back."""

    async def story(here: Sessions, there: Sessions) -> None:
        one = await begin(here, keeper)
        found = await here.find(one, extend=False)
        assert found is not None
        keeper.clock.time += 2 * NOTED_EVERY
        flying = [asyncio.create_task(here.find(one, extend=True)) for _ in range(20)]
        ended = await there.end_by_id(one)
        await asyncio.gather(*flying)
        assert ended is not None
        assert ended.user == "ana"
        # This one was looked up before the end, and is noted after it.
        assert await here.extend(found) is None
        for sessions in (here, there):
            assert await sessions.find(one, extend=True) is None
            assert await sessions.peek(key_of(one)) is None
            assert await sessions.end_by_id(one) is None
            assert await sessions.all_of("ana") == []

    told(keeper, story)


@pytest.mark.holds(15)
def test_one_of_many_ends_it(keeper: Keeper) -> None:
    """Of many who end a session at once one is told what it was, so that its end is told once."""

    async def story(here: Sessions, there: Sessions) -> None:
        one = await begin(here, keeper)
        ends = await asyncio.gather(*(s.end_by_id(one) for s in (here, there) * 10))
        assert len([end for end in ends if end is not None]) == 1

    told(keeper, story)


def test_the_sessions_of_a_user(keeper: Keeper) -> None:
    """A user's living sessions are listed, the newest first, and nobody else's."""

    async def story(here: Sessions, there: Sessions) -> None:
        ids = []
        for user in ("ana", "ben", "ana", "ana"):
            ids.append(await begin(here, keeper, user=user))
            keeper.clock.time += 100
        await here.end_by_id(ids[2])
        assert [s.key for s in await there.all_of("ana")] == [key_of(ids[3]), key_of(ids[0])]
        keeper.clock.time += 250
        assert [s.key for s in await there.all_of("ana")] == [key_of(ids[3])]
        assert [s.key for s in await there.all_of("an")] == []

    told(keeper, story)


def test_who_is_active_stays_listed(keeper: Keeper) -> None:
    """Noted activity keeps a session findable by its user for as long as it lives."""

    async def story(here: Sessions, there: Sessions) -> None:
        one = await begin(here, keeper)
        for _ in range(3):
            keeper.clock.time += 500
            await here.find(one, extend=True)
            await begin(here, keeper, user="ben")
        assert [s.key for s in await there.all_of("ana")] == [key_of(one)]

    told(keeper, story)


@pytest.mark.parametrize(
    ("name", "ended"),
    [
        (of_user("ana"), {"a1", "a2", "a3"}),
        (of_subject("sub-ana"), {"a1", "a2", "a3"}),
        (of_provider_session("sid-1"), {"a1"}),
        (of_subject_without_session("sub-ana"), {"a3"}),
        (of_provider_session("sub-ana"), set()),
    ],
)
def test_ending_by_name(keeper: Keeper, name: str, ended: set[str]) -> None:
    """Sessions end by their user, the provider's subject, or the provider's session; others stay."""

    async def story(here: Sessions, there: Sessions) -> None:
        ids = {
            "a1": await begin(here, keeper),
            "a2": await begin(here, keeper, provider_session="sid-2"),
            "a3": await begin(here, keeper, provider_session=None),
            "b": await begin(here, keeper, user="ben", subject="s", provider_session="sid-3"),
        }
        gone = await there.end_named([name], begun_later_too=False)
        assert {one.key for one in gone} == {key_of(ids[which]) for which in ended}
        left = {which for which in ids if await here.find(ids[which], extend=True)}
        assert left == set(ids) - ended
        assert await there.end_named([name], begun_later_too=False) == []

    told(keeper, story)


def test_a_sign_in_under_way_is_barred(keeper: Keeper) -> None:
    """What began before the order to end comes too late, for as long as it can take; a new sign-in
    does not, unless those that begin later are barred too."""

    async def story(here: Sessions, there: Sessions) -> None:
        began = keeper.clock.time
        await there.end_named([of_subject("sub-ana")], begun_later_too=False)
        await there.end_named([of_provider_session("sid-2")], begun_later_too=True)
        keeper.clock.time += 600 + 60 + 59  # in time, redeemed in time, and so its app's code
        with pytest.raises(Unauthenticated):
            await here.start(ANA, how="oidc", began=began)
        assert await here.all_of("ana") == []
        await here.start(ANA, how="oidc", began=began + 1)
        other = replace(ANA, subject="sub-ben", provider_session="sid-2")
        with pytest.raises(Unauthenticated):
            await here.start(other, how="oidc", began=began + 500)
        assert len(await here.all_of("ana")) == 1

    told(keeper, story)


@pytest.mark.holds(15)
def test_an_order_to_end_and_a_sign_in_that_meet(keeper: Keeper) -> None:
    """However an order to end and sign-ins that began before it interleave, no session is left."""

    async def story(here: Sessions, there: Sessions) -> None:
        for turn in range(20):
            signing_in = [begin(here, keeper) for _ in range(4)]
            order = there.end_named([of_user("ana")], begun_later_too=False)
            both = [*signing_in[: turn % 5], order, *signing_in[turn % 5 :]]
            await asyncio.gather(*both, return_exceptions=True)
            assert await here.all_of("ana") == []
            keeper.clock.time += 1

    told(keeper, story)


def test_the_longest_idle_makes_room() -> None:
    """A full process ends the session that was used longest ago, and keeps to its bound."""
    keeper = Keeper(None)

    async def story() -> None:
        kept = LocalRecords[Session](keeper.clock, 3, names_of)
        bars = LocalRecords[float](keeper.clock, 3)
        sessions = Sessions(keeper.settings, kept, bars, keeper.clock)
        ids = [await begin(sessions, keeper) for _ in range(3)]
        keeper.clock.time += NOTED_EVERY
        await sessions.find(ids[0], extend=True)
        ids.append(await begin(sessions, keeper))
        alive = [await sessions.find(one, extend=False) is not None for one in ids]
        assert alive == [True, False, True, True]
        assert len(await sessions.all_of("ana")) == 3

    asyncio.run(story())
