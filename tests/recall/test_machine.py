"""Random lives of an installation again: whatever is recalled is what the whole gateway would have said
at that moment, and the model allows it.

The lives, the platform and the model are those of tests/cache/test_machine.py; beside, users sign out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from app.cache import redis_link
from app.cache.entries import State
from app.catalogue.operation import Read
from tests.cache.asked import MEMBERS, Question
from tests.cache.lens import READ, Lens
from tests.cache.model import USERS, Answer
from tests.cache.replicas import Replicas
from tests.cache.still import StillClock
from tests.cache.test_machine import LIVES, Ground, Life, lived
from tests.inside import Platform
from tests.recall.gateways import UNAUTHENTICATED, Gateways, Told
from tests.replicas.redis_server import redis_server


class KnownByHeart(Life):
    """One installation whose users ask through the front door."""

    made_of: ClassVar[type[Replicas]] = Gateways
    recalled: ClassVar[int] = 0

    under_way = most_at_once = 0

    @property
    def gateways(self) -> Gateways:
        assert isinstance(self.replicas, Gateways)
        return self.replicas

    async def answered(self, replica: int, user: str, question: Question) -> Answer:
        """By the front door, and at once again by the pipeline, whose answer the model judges."""
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        now = self.clock.now()
        told = await self.gateways.told(replica % self.count, user, question.operation)
        answer = await super().answered(replica, user, question)
        self.under_way -= 1
        # What others are told at the same moment may change what he is told.
        if told.recalled and self.most_at_once == 1:
            type(self).recalled += 1
            self.compare(told, answer, now)
        if not self.under_way:
            self.most_at_once = 0
        return answer

    def compare(self, told: Told, answer: Answer, now: float) -> None:
        assert answer.verdict == "served", f"recalled although {answer.verdict}"
        assert told.body == answer.body, "recalled what is answered otherwise by now"
        assert answer.state is State.HIT, f"recalled although {answer.state}"
        assert int(told.headers[b"age"]) == int(now - answer.at)

    @rule(user=st.sampled_from(USERS), replica=st.integers(0, 2))
    def sign_out(self, user: str, replica: int) -> None:
        """At one replica; the session opens nothing at any of them."""
        old = self.gateways.cookies.pop(user, None)
        if old is None:
            return
        ended = self.gateways.sessions(replica % self.count).end_by_id(old)
        self.replicas.play(ended)
        self.replicas.play(self.replicas.settle())
        for one in range(self.count):
            told = self.replicas.play(self.gateways.told_to(old, one, asked_by_all()))
            assert told.status == UNAUTHENTICATED
            assert not told.recalled


def asked_by_all() -> Read[object]:
    """What most users may ask, so that it may have been known to that session."""
    return MEMBERS.operation


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no outage of Redis: what the model cannot know must not decide."""
    monkeypatch.setattr(redis_link, "PATIENCE", 1.0)


@pytest.fixture(scope="module")
def lens() -> Lens:
    return Lens(only=READ)


@pytest.fixture(scope="module")
def seen_platform(lens: Lens) -> Iterator[Platform]:
    with lens.platform(StillClock()) as running:
        yield running


pytestmark = [
    pytest.mark.holds(15, 52, 53, 54, 74, 76, 77),
    pytest.mark.timeout(0 if LIVES else 120),
]


def test_what_one_gateway_knows_by_heart(
    seen_platform: Platform, lens: Lens, tmp_path: Path
) -> None:
    """A recalled answer is the answer, whatever happened before."""
    ground, before = Ground(seen_platform, lens, tmp_path, None), KnownByHeart.recalled
    lived(lambda: KnownByHeart(ground, 1), usual=18)
    assert KnownByHeart.recalled > before


def test_what_replicas_know_by_heart(seen_platform: Platform, lens: Lens, tmp_path: Path) -> None:
    """At each of several, whatever happened at the others."""
    with redis_server() as redis:
        ground, before = Ground(seen_platform, lens, tmp_path, redis), KnownByHeart.recalled
        lived(lambda: KnownByHeart(ground, 2), usual=8)
        assert KnownByHeart.recalled > before
