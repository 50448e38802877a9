"""The closed loads: what is asked, of whom, and what makes it ready."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

from bench.credentials import host_cookie
from bench.gateway import PAGE
from bench.load.client import connect
from bench.load.many import ask_all
from bench.load.wrk import FRESH, MIXED, Round, run
from bench.peers.peer import Contestant
from bench.plan import Plan
from bench.reads import DAY, READINGS, SMALL, Reading, dashboard
from bench.stage import Stage

HITS = ("bff", "bff+jwt", "nginx", "nginx+njs", "fastify", "fastapi")
MIXES = ("bff+jwt", "nginx+njs", "fastify", "fastapi")
MISSES = ("bff", "fastify+undici", "fastapi", "platform")
# Of the mixed load, each so-many-th request is for what nobody asked for before.
MISS_EVERY = 20
SEED = 1


@dataclass(frozen=True, slots=True)
class Workload:
    """`run` is one round of so many seconds; `ready` comes once before the first. There are `turns` rounds
    of each contestant's, of `seconds` each."""

    name: str
    among: Sequence[str]
    turns: int
    seconds: float
    run: Callable[[Contestant, float], Round]
    ready: Callable[[Contestant], None] = field(default=lambda _one: None)


class Periods:
    """Numbers of periods: none comes twice to the same server. A run has some two hundred rounds, and the
    last of its periods has to lie before today (fresh.lua)."""

    # More than a second asks of a gateway or a peer, where all is new and where each 20th request is.
    NEW, MIXED = 25_000, 5_000

    def __init__(self) -> None:
        self._used = 0

    def after(self, seconds: float, a_second: int = NEW) -> str:
        """How many were used before a round that lasts so long."""
        used = self._used
        self._used += math.ceil(seconds) * a_second
        return str(used)


def workloads(stage: Stage, plan: Plan) -> Iterator[Workload]:
    periods = Periods()
    often, long = (plan.turns, plan.seconds), (plan.mixed_turns, plan.mixed_seconds)
    for reading in READINGS:
        yield Workload(f"hit {reading.name}", HITS, *often, _hits(reading))
    yield Workload("304", HITS, *often, _not_modified)
    for reading in READINGS:
        yield Workload(f"miss {reading.name}", MISSES, *often, _misses(reading, periods))
    yield Workload("dashboard, kept", ("bff",), *often, _kept_dashboard)
    yield Workload("dashboard, new", ("bff",), *often, _new_dashboards(periods))
    # The last, since it leaves the gateway with all that it can hold; who parses and trims holds nothing.
    yield Workload("mixed", MIXES, *long, *_mixed(stage.folder, plan, periods))


def _hits(reading: Reading) -> Callable[[Contestant, float], Round]:
    return lambda one, seconds: run(one, one.target(reading), seconds)


def _not_modified(one: Contestant, seconds: float) -> Round:
    etag = asyncio.run(_etag(one))
    return run(one, one.target(SMALL), seconds, headers={**one.headers, "If-None-Match": etag})


async def _etag(one: Contestant) -> str:
    connection = await connect(one.port)
    answer = await connection.ask("GET", one.target(SMALL), one.headers)
    connection.close()
    return answer.header("etag") or ""


def _misses(reading: Reading, periods: Periods) -> Callable[[Contestant, float], Round]:
    def measure(one: Contestant, seconds: float) -> Round:
        after = [periods.after(seconds)]
        return run(one, one.target(reading), seconds, script=FRESH, arguments=after)

    return measure


def _kept_dashboard(one: Contestant, seconds: float) -> Round:
    return run(one, dashboard(), seconds)


def _new_dashboards(periods: Periods) -> Callable[[Contestant, float], Round]:
    def measure(one: Contestant, seconds: float) -> Round:
        after = [periods.after(seconds)]
        return run(one, dashboard(), seconds, script=FRESH, arguments=after)

    return measure


# --- the mixed load -------------------------------------------------------------------------------


def _mixed(
    folder: Path, plan: Plan, periods: Periods
) -> tuple[Callable[[Contestant, float], Round], Callable[[Contestant], None]]:
    """Users by host tokens, since all peers know these; users and dashboards by Zipf's law."""
    drawn = draw(plan)
    cookies = {user: host_cookie(user) for user in {user for user, _ in drawn}}
    file = folder / "mixed.txt"
    lines = [f"{cookies[user]}\t{_of_dashboard(user, number)}" for user, number in drawn]
    file.write_text("\n".join([str(MISS_EVERY), *lines, ""]), "utf-8")

    def measure(one: Contestant, seconds: float) -> Round:
        arguments = [str(file), periods.after(seconds, Periods.MIXED)]
        target = one.target(SMALL)
        return run(one, target, seconds, headers=PAGE, script=MIXED, arguments=arguments)

    def ready(one: Contestant) -> None:
        pairs = sorted(set(drawn))
        asked = [(cookies[user], _of_dashboard(user, number)) for user, number in pairs]
        ask_all(one.port, asked)

    return measure, ready


def draw(plan: Plan) -> list[tuple[int, int]]:
    """Pairs of a user and one of his dashboards, the same ones in every run."""
    chance = random.Random(SEED)  # noqa: S311  # a load, not a secret
    users = _zipf(plan.users, plan.draws, chance)
    return list(zip(users, _zipf(plan.dashboards, plan.draws, chance), strict=True))


def _zipf(most: int, times: int, chance: random.Random) -> list[int]:
    """Numbers from 1 to `most`, number n as often as 1/n."""
    weights = [*accumulate(1 / number for number in range(1, most + 1))]
    return chance.choices(range(1, most + 1), cum_weights=weights, k=times)


def _of_dashboard(user: int, number: int) -> str:
    """A user's dashboard is the small read of a day of its own."""
    day = date.fromisoformat(DAY) - timedelta(days=number)
    return SMALL.target(user, day.isoformat(), day.isoformat())
