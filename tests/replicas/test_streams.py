"""Streams of a replica: they follow what others do, and cost the platform little without Redis."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.cache.entries import Content, Entry, Found, State
from app.cache.epochs import LocalEpochs, Snapshot
from app.catalogue import tags
from app.catalogue.composed import Piece
from app.catalogue.insights import GetMetaInsights
from app.clock import MovableClock
from app.gateway.composing import Arrived
from app.gateway.following import LONGEST_PAUSE, Watched
from app.testing.world import API
from tests.cache.reads import ACCOUNT, TEAM
from tests.dashboard.asks import Stream
from tests.replicas.cluster import cluster
from tests.replicas.redis_server import RedisServer

STATUS = f"/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId={ACCOUNT}"
WEEK = {"adAccountId": ACCOUNT, "startDate": "2026-01-01", "endDate": "2026-01-07"}


@pytest.mark.holds(76)
def test_a_write_through_another_replica_is_news(redis: RedisServer, tmp_path: Path) -> None:
    """Whoever follows a dashboard here sees what is paused there."""
    with cluster([redis.url, redis.url], tmp_path / "ledger.db") as replicas:
        here, there = (replicas.client("ben", replica) for replica in (0, 1))
        path = f"{API}/teams/{TEAM}/dashboard/stream"
        with here.stream("GET", path, params=WEEK | {"parts": "campaigns"}) as answer:
            opened = Stream(answer)
            assert _status(opened.ready()["campaigns"]) == "ACTIVE"
            paused = there.api("PATCH", STATUS, json={"status": "PAUSED"})
            assert paused.status_code == 200
            part: Any = None
            while part is None or _status(part) != "PAUSED":
                part = opened.until("parts")[1]["campaigns"]


@pytest.mark.holds(92)
def test_what_cannot_be_known_to_stand_is_asked_for_ever_more_seldom() -> None:
    """While nobody can say whether a write came in between, a stream is not a storm of questions."""
    pauses = _pauses(Deaf(MovableClock()))
    assert pauses[:4] == [1, 4, 16, LONGEST_PAUSE]
    assert set(pauses[4:]) == {LONGEST_PAUSE}


@pytest.mark.holds(76)
def test_many_writes_in_a_row_do_not_make_it_look_away() -> None:
    """Whoever changes one campaign after the other overtakes every read: the last change is seen as
    soon as the first."""
    assert max(_pauses(LocalEpochs(MovableClock()))) == 4


class Deaf(LocalEpochs):
    """Epochs of which nothing is heard, as while Redis is away."""

    def stand(self, _: Snapshot) -> bool:
        return False


def _pauses(epochs: LocalEpochs) -> list[int]:
    """Between the questions of ten minutes in which no answer stands."""
    watched, asked = _watched(), list[int]()
    for second in range(600):
        if watched.due(second, epochs):
            asked.append(second)
            watched.take(_arrived(second), second, epochs)
    return [later - earlier for earlier, later in pairwise(asked)]


def _watched() -> Watched:
    return Watched(
        GetMetaInsights.model_validate(
            {
                "teamId": TEAM,
                "adAccountId": ACCOUNT,
                "startDate": "2026-01-01",
                "endDate": "2026-01-07",
            }
        )
    )


def _arrived(now: float) -> Arrived:
    """Fresh, and under an epoch that has ended."""
    snapshot = Snapshot({tags.account(ACCOUNT): b"another"}, storable=True)
    entry = Entry(Content(b'{"items":[]}'), now, now + 60, now + 900, snapshot)
    return Arrived("totals", Piece(data={"items": []}), Found(entry, State.MISS, stored=False))


def _status(part: Any) -> str:
    (found,) = (one["status"] for one in part["data"]["items"] if one["campaignId"] == "cmp_1001_1")
    return str(found)
