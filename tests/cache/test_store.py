"""The first level's purses: bytes counted once, and nobody's flood at everybody's cost."""

from __future__ import annotations

import asyncio
import gzip
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cache.encodings import Encoding
from app.cache.entries import OVERHEAD_BYTES, Content, Entry, Form, Key, entry_of
from app.cache.epochs import Snapshot
from app.cache.store import (
    LARGEST_SHARE,
    MOST_SPARED,
    OPERATION_SHARE,
    OWNER_SHARE,
    Held,
    Store,
)
from app.catalogue.keep import Keep
from tests.cache.reads import members
from tests.inside import Inside, Platform, inside

MAX = 512 * 1024
NOTHING = Snapshot({}, storable=True)


def entry(content: Content | int) -> Entry:
    made = Content(bytes(content)) if isinstance(content, int) else content
    return Entry(made, 0.0, 60.0, 600.0, NOTHING)


def key(owner: str, asked: object, operation: str = "listCampaigns") -> Key:
    return Key(operation, ("user", owner), str(asked))


def put(store: Store, at: Key, kept: Entry) -> Held | None:
    return store.put(at, at.digest, kept)


def found(store: Store, at: Key) -> Held:
    held = store.get(at.digest)
    assert held is not None
    return held


@pytest.mark.holds(79)
def test_one_users_flood_leaves_the_others_what_they_have() -> None:
    """Ten thousand questions of one user push out his own answers and nobody else's."""
    store = Store(MAX)
    others = [key(f"user{n}", n, "getTeam") for n in range(20)]
    for one in others:
        assert put(store, one, entry(1000))
    for n in range(10_000):
        put(store, key("mallory", n, f"operation{n % 40}"), entry(1000))
    assert all(store.get(one.digest) is not None for one in others)
    mine = len(store) - len(others)
    assert mine * (1000 + OVERHEAD_BYTES) <= MAX // OWNER_SHARE
    assert store.size_bytes <= MAX


@pytest.mark.holds(79)
def test_one_operation_leaves_room_for_the_others() -> None:
    """However many users ask for one operation, half of the bytes are for other ones."""
    store = Store(MAX)
    others = [key(f"user{n}", n, "getTeam") for n in range(20)]
    for one in others:
        put(store, one, entry(1000))
    for n in range(10_000):
        put(store, key(f"user{n}", n), entry(1000))
    assert all(store.get(one.digest) is not None for one in others)
    assert store.size_bytes <= MAX // OPERATION_SHARE + 20 * (1000 + OVERHEAD_BYTES)


@pytest.mark.holds(79)
def test_what_is_used_stays() -> None:
    """Those long unused leave: an answer that is read all the time outlives a flood."""
    store = Store(MAX)
    used = key("ben", "used")
    put(store, used, entry(1000))
    for n in range(1000):
        put(store, key("ben", n), entry(1000))
        assert store.get(used.digest) is not None


@pytest.mark.holds(79)
def test_a_newcomer_stays_where_all_others_are_used() -> None:
    """Who is new goes no sooner than those who were there, all of whom were used meanwhile."""
    store = Store(MAX)
    for n in range(1000):
        for digest in list(store._held):
            store.get(digest)
        newest = key("ben", n)
        put(store, newest, entry(1000))
        assert store.get(newest.digest) is not None


def test_second_chances_end() -> None:
    """However many were used, making room for one answer looks at so many of them and no more."""
    store = Store(64 * MAX)
    many = [key("ben", n) for n in range(MOST_SPARED + 600)]
    for one in many:
        put(store, one, entry(1))
        store.get(one.digest)
    left = 64 * MAX // OWNER_SHARE - store.size_bytes
    newest = put(store, key("ben", "large"), entry(left))
    assert newest is not None
    spared = [held for held in store._held.values() if not held.used and held is not newest]
    assert (len(spared), store.evicted > 0) == (MOST_SPARED, True)


@pytest.mark.holds(79)
def test_what_many_use_stays() -> None:
    """More than get a second chance at once: of what is read all the time next to nothing goes, whichever
    purse is too small for what comes."""
    store = Store(32 * MAX * OWNER_SHARE)
    hot = [key("ben", n) for n in range(8 * MOST_SPARED)]
    for one in hot:
        put(store, one, entry(1))
    for n in range(2 * MOST_SPARED):
        who, operation = (("ben", f"operation{n % 9}"), (f"user{n % 99}", "listCampaigns"))[n % 2]
        put(store, key(who, f"once {n}", operation), entry(4000))
        if n % 50 == 0:
            assert sum(store.get(one.digest) is not None for one in hot) > 0.98 * len(hot)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.holds(79)
def test_what_is_read_stays_where_several_purses_are_full(seed: int) -> None:
    """An entry that is read before each change stays, whoever else needs room meanwhile."""
    chance = random.Random(seed)
    store, used = Store(MAX), key("user0", "used")
    put(store, used, entry(100))
    for n in range(5000):
        assert store.get(used.digest) is not None
        put(store, key(f"user{n % 5}", n), entry(chance.randrange(1, 20_000)))


@pytest.mark.holds(79)
def test_what_was_made_for_one_goes_with_him() -> None:
    """Who holds the same has not paid for it: it is made anew for him when he asks."""
    store, content = Store(8 * MAX), Content(bytes(10_000))
    ben, team = key("ben", 1), key("team", 1)
    put(store, ben, entry(content))
    put(store, team, entry(content))
    store.coded(found(store, ben), Encoding.GZIP)
    store.drop(ben.digest)
    assert store.size_bytes == 10_000 + OVERHEAD_BYTES
    coded = store.coded(found(store, team), Encoding.GZIP)
    assert store.size_bytes == 10_000 + OVERHEAD_BYTES + len(coded)
    assert store._owners["user", "team"].size == store.size_bytes


def test_another_holder_needs_room_for_himself_only() -> None:
    """The bytes of what both hold are there already."""
    store, content = Store(64 * MAX), Content(bytes(MAX))
    put(store, key("ben", "large"), entry(content))
    for n in range(7):
        put(store, key(f"user{n}", n), entry(4 * MAX - OVERHEAD_BYTES))
    left = 64 * MAX // OPERATION_SHARE - store.size_bytes
    assert left > OVERHEAD_BYTES
    put(store, key("user9", 9), entry(left - 2 * OVERHEAD_BYTES))
    assert put(store, key("mia", "large"), entry(content))
    assert store.evicted == 0


@pytest.mark.holds(79)
def test_what_others_hold_is_not_made_larger_at_their_cost() -> None:
    """Who does not hold a content himself gets it in his coding, and nobody pays for that."""
    store, content = Store(8 * MAX), Content(bytes(10_000))
    put(store, key("ben", 1), entry(content))
    before = store.size_bytes
    passing = entry(content)
    assert gzip.decompress(store.coded(passing, Encoding.GZIP)) == content.body
    assert (store.size_bytes, dict(content.coded)) == (before, {})


@pytest.mark.holds(79)
def test_a_shared_answer_is_counted_once() -> None:
    """Fifty readers of one content cost its bytes once, as long as one of them holds it."""
    store, content = Store(8 * MAX), Content(bytes(10_000))
    readers = [key(f"user{n}", "same") for n in range(50)]
    for one in readers:
        put(store, one, entry(content))
    assert store.size_bytes == 10_000 + 50 * OVERHEAD_BYTES
    coded = store.coded(found(store, readers[0]), Encoding.GZIP)
    assert store.size_bytes == 10_000 + len(coded) + 50 * OVERHEAD_BYTES
    for one in readers[1:]:
        store.drop(one.digest)
    assert store.size_bytes == 10_000 + len(coded) + OVERHEAD_BYTES
    store.drop(readers[0].digest)
    assert (store.size_bytes, len(store)) == (0, 0)


def test_what_is_too_large_replaces_nothing() -> None:
    """A newer answer that is too large to be kept takes the older one's place with nothing."""
    store, at = Store(MAX), key("ben", 1)
    assert put(store, at, entry(100))
    assert not put(store, at, entry(MAX // LARGEST_SHARE))
    assert store.get(at.digest) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "share", "drop", "get", "code", "form"]),
            st.integers(0, 5),
            st.integers(0, 3),
            st.integers(0, 9000),
        ),
        max_size=120,
    )
)
def test_the_count_is_the_sum_of_what_is_held(steps: list[tuple[str, int, int, int]]) -> None:
    """Whatever is put, shared, coded and dropped in whatever order: each purse is exact and in its
    bounds."""
    store, contents = Store(128 * 1024), [Content(bytes(100 * n)) for n in range(4)]
    for what, owner, operation, size in steps:
        at = key(f"user{owner}", owner % 3, f"operation{operation}")
        match what:
            case "put":
                put(store, at, entry(size))
            case "share":
                put(store, at, entry(contents[operation]))
            case "drop":
                store.drop(at.digest)
            case "get":
                store.get(at.digest)
            case "code":
                store.coded(store.get(at.digest) or entry(contents[operation]), Encoding.GZIP)
            case _:
                kept = store.get(at.digest) or entry(contents[operation])
                if (200, None) not in kept.content.forms:
                    store.keep_form(kept, None, Form(200, (), b"", kept.content.body))
        check(store, contents)


def check(store: Store, contents: list[Content]) -> None:
    held = list(store._held.values())
    assert store.size_bytes == counted(held)
    for purse in store._operations.values():
        assert purse.size == counted([one for one in held if one.operation is purse])
    for purse in store._owners.values():
        # Whatever was made of a content is paid for by him for whom it was made.
        mine = [one for one in held if one.owner is purse]
        assert purse.size == sum(one.size + len(one.content.body) + one.grown for one in mine)
    for purse in (*store._owners.values(), *store._operations.values(), store._all):
        assert 0 <= purse.size <= purse.most
        assert bool(purse.order) is bool(purse.size)
    for content in contents:
        holding = [one for one in held if one.content is content]
        assert content.holders == len(holding)
        if holding:
            assert sum(one.grown for one in holding) >= content.grown


def counted(held: list[Held]) -> int:
    distinct = {id(one.content): one.content.size for one in held}
    return sum(one.size for one in held) + sum(distinct.values())


# --- freshness and refreshing ---------------------------------------------------------------------


def test_jitter_only_shortens_freshness() -> None:
    """What was kept together is not stale together, and nothing is fresh for longer than declared."""
    made = [
        entry_of(Content(b"{}"), 100.0, Keep(60, 600), NOTHING, jitter=0.1 * chance)
        for chance in (0.0, 0.5, 1.0)
    ]
    assert [one.soft for one in made] == [160.0, 157.0, 154.0]
    assert {one.hard for one in made} == {700.0}


@pytest.mark.holds(77, 84)
def test_a_failing_refresh_is_not_tried_by_every_reader(sandbox: Platform) -> None:
    """While the platform fails, the stale answer is served and one refresh in five seconds tried."""

    async def scenario(gateway: Inside) -> list[int]:
        await gateway.ask("ben", members())
        sandbox.clock.advance(31)
        await gateway.ask("ben", members())
        await gateway.settle()
        sandbox.clock.advance(31)
        sandbox.forget()
        sandbox.fault("getTeamMembers", "status", status=503, times=None)
        counts = []
        for seconds in (0, 2, 2, 2):
            sandbox.clock.advance(seconds)
            await asyncio.gather(*(gateway.ask("ben", members()) for _ in range(10)))
            await gateway.settle()
            counts.append(sandbox.asked("getTeamMembers"))
        return counts

    assert inside(sandbox, scenario) == [1, 1, 1, 2]
