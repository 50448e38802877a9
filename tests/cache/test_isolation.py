"""Whatever can be kept, and in whatever order it is read: nobody is told what another one was told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.catalogue.operation import ListOf, Read
from app.testing.world import Browser, World, world
from tests.cache.lens import READ, Lens, Marked
from tests.cache.questions import READS
from tests.proxy.asks import ask_of

CANARIES = {
    user: Marked(f"canary-{user}", number)
    for user, number in {"ana": 910_001, "ben": 920_002, "cleo": 930_003}.items()
}


@dataclass(frozen=True)
class Telling:
    """What the platform tells one user: with his canary, and that every workspace is his."""

    user: str

    def __call__(self, number: str, data: Any) -> Any:
        if number == "4":
            data = data | {"admin": {"externalUserId": self.user}}
        return CANARIES[self.user](number, data)


@dataclass
class Readers:
    """Their browsers; what was handed out to any of them may be tried by all."""

    world: World
    browsers: dict[str, Browser]
    target: str = ""
    etags: dict[str, list[str]] = field(default_factory=dict)
    cursors: list[str] = field(default_factory=list)

    def begin(self, operation: type[Read[Any]]) -> None:
        """Nothing is kept, and the platform works."""
        self.world.heal()
        self.world.parts.cache.store.clear()
        self.target = ask_of(operation).target
        self.etags = {user: [] for user in self.browsers}
        self.cursors = []

    def look(self, user: str, how: str) -> httpx.Response:
        """One read, which holds nobody else's canary."""
        target, headers = self.target, {}
        if how in {"page", "next"}:
            target += ("&" if "?" in target else "?") + "limit=1"
        if how == "next" and self.cursors:
            target += f"&cursor={self.cursors[-1]}"
        if how == "own etag":
            headers["If-None-Match"] = ", ".join(self.etags[user])
        if how == "other etags":
            others = [etag for other in self.etags if other != user for etag in self.etags[other]]
            headers["If-None-Match"] = ", ".join(others)
        method = "HEAD" if how == "head" else "GET"
        answer = self.browsers[user].api(method, target, headers=headers)
        self.judge(user, how, answer)
        return answer

    def judge(self, user: str, how: str, answer: httpx.Response) -> None:
        told = answer.text + "".join(answer.headers.values())
        assert not [one for one in CANARIES if one != user and CANARIES[one].is_in(told)]
        if answer.status_code == 304:
            assert answer.headers["etag"] in self.etags[user]
        elif answer.status_code == 200:
            assert how == "head" or CANARIES[user].is_in(answer.text) or not items(answer)
            self.etags[user].append(answer.headers["etag"])
            if answer.text and (cursor := answer.json().get("nextCursor")):
                self.cursors.append(cursor)
        else:
            assert answer.status_code >= 500, answer.text


def items(answer: httpx.Response) -> Any:
    """What a list holds; whatever is no list holds something."""
    return answer.json().get("items", [answer.text])


@pytest.fixture(scope="module")
def telling_world() -> Iterator[World]:
    """Everybody may read everything: this platform trusts the gateway's key alone."""
    lens = Lens(only=READ, views={user: Telling(user) for user in CANARIES})
    # Each test lets many hours pass.
    session = {"idle_seconds": 86_400, "absolute_seconds": 86_400}
    with world(strict=False, platform=lens.handlers, session=session) as running:
        yield running


@pytest.fixture
def everybody(telling_world: World) -> Readers:
    return Readers(telling_world, {user: telling_world.sign_in(user) for user in CANARIES})


HOW = ("get", "head", "page", "next", "own etag", "other etags")
reads = st.tuples(st.sampled_from(sorted(CANARIES)), st.sampled_from(HOW))
pauses = st.sampled_from((0, 0, 10, 31, 65, 400))


@pytest.mark.holds(74, 80)
@pytest.mark.parametrize("operation", READS, ids=lambda operation: str(operation.id))
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(st.tuples(reads, pauses), min_size=4, max_size=14),
    fails_at=st.integers(0, 20),
)
def test_nobody_is_told_what_another_was_told(
    everybody: Readers,
    operation: type[Read[Any]],
    steps: list[tuple[tuple[str, str], int]],
    fails_at: int,
) -> None:
    """Fresh, stale, renewed or in an outage, whole, as a page, HEAD or 304: it is his own."""
    everybody.begin(operation)
    for user in CANARIES:
        assert everybody.look(user, "get").status_code == 200
    for number, ((user, how), pause) in enumerate(steps):
        everybody.world.advance(pause)
        if number == fails_at:
            everybody.world.fault("*", "reset", times=None)
        if how not in {"page", "next"} or issubclass(operation, ListOf):
            everybody.look(user, how)


@pytest.mark.holds(74, 80)
@pytest.mark.parametrize("operation", READS, ids=lambda operation: str(operation.id))
def test_his_own_etag_is_known_and_no_others(
    everybody: Readers, operation: type[Read[Any]]
) -> None:
    """304 says that he has his own answer; what others have is none of his."""
    everybody.begin(operation)
    for user in CANARIES:
        everybody.look(user, "get")
    for user in CANARIES:
        assert everybody.look(user, "own etag").status_code == 304
        assert everybody.look(user, "other etags").status_code == 200
