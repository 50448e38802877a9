"""What a request made is gone with it: nothing waits for the collector.

Objects that hold each other stay until Python's collector looks for them, which takes as long as tens of
thousands of requests' worth of them, and until then what is new is made in memory that no processor cache
has.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.testing.world import Browser, World, world
from tests.cache.reads import ACCOUNT, TEAM
from tests.guard.calls import LIST, connected, head_of, missing

TIMES = 20
ANSWERS = frozenset({b"200", b"404", b"422", b"502", b"503"})
DASHBOARD = f"/api/v1/teams/{TEAM}/dashboard?adAccountId={ACCOUNT}&startDate=2026-01-01"


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with world() as one:
        yield one


@contextmanager
def found() -> Iterator[Counter[str]]:
    """The kinds of what the collector finds of what is done inside."""
    kinds: Counter[str] = Counter()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield kinds
        gc.collect()
        kinds.update(type(one).__qualname__ for one in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


REQUESTS: dict[str, Callable[[Browser, int], bytes]] = {
    "missing": lambda cleo, n: head_of(cleo, missing(n + 1)),
    "kept, the long way": lambda cleo, _: head_of(cleo, LIST, "Range: bytes=0-"),
    "dashboard": lambda cleo, n: head_of(
        cleo, f"{DASHBOARD}&endDate=2026-{3 + n // 28:02d}-{n % 28 + 1:02d}"
    ),
    "refused": lambda cleo, _: head_of(cleo, LIST.replace("team-acme-brand", "nowhere")),
    "faulty": lambda cleo, _: head_of(cleo, f"{LIST}&what=1"),
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_nothing_is_left_for_the_collector(running: World, kind: str) -> None:
    assert not left_by(running, REQUESTS[kind])


def test_nor_by_what_the_platform_fails_to_answer() -> None:
    with world() as failing:
        failing.fault("getInsights", "status", times=None, status=500)
        assert not left_by(failing, lambda cleo, n: head_of(cleo, missing(n + 1)))


def left_by(running: World, request: Callable[[Browser, int], bytes]) -> dict[str, int]:
    """What each request leaves, each time. Not what a connection does, or a tick of the server: that is
    seldom; nor what is made once."""
    cleo = running.sign_in("cleo")
    with connected(running, ANSWERS) as ask:
        for n in range(3):
            ask(request(cleo, n))
        with found() as first:
            for n in range(3, 3 + TIMES):
                ask(request(cleo, n))
        with found() as second:
            for n in range(3 + TIMES, 3 + 2 * TIMES):
                ask(request(cleo, n))
    both = first & second
    return {name: number for name, number in both.items() if number >= TIMES - 1}
