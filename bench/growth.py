"""What an answer costs while the cache grows to a million entries: `python -m bench.growth`.

In one process and without a network, so that only our own work is measured: a gateway answers one read
by heart, and its store looks up entries at random, while others are put beside them.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from app.cache.entries import Content, Entry, Key
from app.cache.epochs import Snapshot
from app.cache.store import Store
from app.catalogue.tags import Tag
from app.gateway.recall import request_of
from app.testing.world import API, World, world
from bench.chart import Line, chart

SIZES = (10, 1_000, 10_000, 100_000, 1_000_000)
# Large enough for all of them, and for the eighth of it that one owner may hold.
CACHE_BYTES = 64 << 30
TARGET = f"{API}/teams/team-acme-brand/meta/campaigns?adAccountId=act_1001"
TIMES, ROUNDS = 20_000, 9
RESULTS, CHART = Path("bench/results/growth.json"), Path("docs/growth.svg")


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time in microseconds, medians: of an answer by heart, and of one look-up of any entry."""

    entries: int
    by_heart_us: float
    any_entry_us: float


def main() -> None:
    with world(cache={"max_bytes": CACHE_BYTES}, log={"hit_sample": 0}) as running:
        costs = list(map(_measured(running), SIZES))
    RESULTS.write_text(json.dumps([asdict(cost) for cost in costs], indent=2) + "\n", "utf-8")
    CHART.write_text(_drawn(costs), "utf-8")
    print(*costs, sep="\n")


def _measured(running: World) -> Callable[[int], Cost]:
    browser = running.sign_in("cleo")
    headers = [
        (b"cookie", f"bff-dev={browser.session_cookie}".encode()),
        (b"x-bff", b"1"),
        (b"sec-fetch-site", b"same-origin"),
    ]
    request = request_of(TARGET.encode(), headers)
    memory, store = running.gateway.app.state.memory, running.parts.cache.store
    assert request is not None
    filler: list[bytes] = []

    def at(size: int) -> Cost:
        _fill(store, filler, size)
        chosen = random.Random(size).choices(filler, k=TIMES)  # noqa: S311  # no secret
        for _ in range(2):  # what was known by heart is too old by now
            assert browser.get(TARGET).status_code == 200
        assert memory.answer(request) is not None
        by_heart = _cost([partial(memory.answer, request)] * TIMES)
        any_entry = _cost([partial(store.get, digest) for digest in chosen])
        assert len(store) >= size
        return Cost(size, by_heart, any_entry)

    return at


def _fill(store: Store, filler: list[bytes], size: int) -> None:
    """Entries of as many users, each with an answer of its own."""
    for number in range(len(filler), size):
        key = Key("getTeam", ("user", f"user-{number}"), number)
        epochs = {
            Tag("user", f"user-{number}"): b"epoch---",
            Tag("team", f"t-{number}"): b"epoch---",
        }
        far = time.time() + 86_400
        content = Content(b'{"id":"%d"}' % number)
        store.put(key, key.digest, Entry(content, 0.0, far, far, Snapshot(epochs, storable=True)))
        filler.append(key.digest)


def _cost(deeds: Sequence[Callable[[], object]]) -> float:
    """Microseconds of the process for one of them."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for deed in deeds:
            deed()
        found.append((time.process_time() - began) / len(deeds) * 1e6)
    return statistics.median(found)


def _drawn(costs: Sequence[Cost]) -> str:
    return chart(
        "Processor time by the number of kept entries",
        "µs",
        [cost.entries for cost in costs],
        [
            Line("an answer by heart", [cost.by_heart_us for cost in costs]),
            Line("one look-up of any entry", [cost.any_entry_us for cost in costs]),
        ],
    )


if __name__ == "__main__":
    main()
