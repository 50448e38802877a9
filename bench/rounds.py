"""Measuring: rounds of all contestants in turn, so that what the machine does meanwhile meets all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

from bench.load.order import Order, carry_out
from bench.load.wrk import Round
from bench.plan import Plan
from bench.progress import tell
from bench.reads import SMALL, campaigns, change
from bench.results import Changed, Crowded, Held, Measured
from bench.stage import Stage
from bench.workloads import Workload

# Whose latency is compared at fixed rates.
OURS, RECORD = "bff", "nginx+njs"
# Requests a second that the generator of fixed rates leaves in time (bench/load/steady.py).
HOLDABLE = 12_000.0
CROWDS = ("bff", "nginx+njs", "fastify+undici", "fastapi")


def throughput(stage: Stage, plan: Plan, workload: Workload) -> list[Measured]:
    """Closed loads: as many requests as one core answers."""
    rounds: defaultdict[str, list[Round]] = defaultdict(list)
    calls: defaultdict[str, int] = defaultdict(int)
    contestants = stage.among(*workload.among)
    for one in contestants:
        workload.ready(one)
    for turn in range(workload.turns):
        for one in contestants:
            if turn == 0 and plan.warm_up:
                workload.run(one, plan.warm_up)
            before = stage.platform.calls
            rounds[one.name].append(workload.run(one, workload.seconds))
            calls[one.name] += stage.platform.calls - before
    tell(workload.name)
    return [
        Measured(workload.name, who, tuple(found), calls[who] / sum(one.begun for one in found))
        for who, found in rounds.items()
    ]


def latency(stage: Stage, plan: Plan, peaks: Mapping[str, float]) -> list[Held]:
    """Fixed rates: each at half of its own peak, and the record at half of ours as well; but no more
    than the load can hold on its one core."""
    pairs = [(OURS, OURS), (RECORD, OURS), (RECORD, RECORD)]
    pairs = [(who, of) for who, of in pairs if who in peaks and of in peaks]
    told: defaultdict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    for _ in range(plan.rounds):
        for who, of in pairs:
            one = stage.contestants[who]
            order = Order(one.target(SMALL), one.headers)
            rate = min(peaks[of] / 2, HOLDABLE)
            told[who, of].append(carry_out("steady", order, one.port, rate, plan.steady_seconds))
    tell("latency at fixed rates")
    return [Held(who, of, **_medians(found)) for (who, of), found in told.items()]


def stampedes(stage: Stage, plan: Plan) -> list[Crowded]:
    """Crowds: identical requests for what is not there yet."""
    days = (f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29))
    found = [_crowd(stage, plan, one.name, days) for one in stage.among(*CROWDS)]
    tell("crowds of identical misses")
    return found


def _crowd(stage: Stage, plan: Plan, who: str, days: Iterator[str]) -> Crowded:
    one, told, calls = stage.contestants[who], [], []
    before = one.program.cpu_seconds
    for _ in range(plan.rounds):
        day = next(days)
        calls_before = stage.platform.calls
        order = Order(SMALL.target(1, day, day), one.headers)
        told.append(carry_out("burst", order, one.port, plan.crowd))
        calls.append(stage.platform.calls - calls_before)
    used = one.program.cpu_seconds - before
    medians = _medians(told)
    return Crowded(
        who=who,
        asked=plan.crowd,
        answered=min(crowd["answered"] for crowd in told),
        calls=max(calls),
        cpu_ms=used / plan.rounds * 1000,
        p50=medians["p50"],
        p99=medians["p99"],
    )


def changes(stage: Stage, plan: Plan) -> Changed:
    """A campaign paused and resumed, its list read after each change."""
    one = stage.contestants[OURS]
    before = one.program.cpu_seconds
    order = Order(campaigns(), one.headers, change())
    told = carry_out("changes", order, one.port, plan.changes)
    used = one.program.cpu_seconds - before
    tell("changes, each with a read")
    return Changed(cpu_ms=used / plan.changes * 1000, **told)


def _medians(told: list[dict[str, float]]) -> dict[str, Any]:
    return {key: median(one[key] for one in told) for key in told[0]}
