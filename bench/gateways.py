"""What gateways of their own are started for: memory of many sessions, and how soon one answers."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from bench.credentials import sign_in
from bench.gateway import PAGE, gateway
from bench.load.client import connect
from bench.load.many import ask_all
from bench.load.wrk import run
from bench.peers.peer import Contestant
from bench.plan import Plan
from bench.progress import tell
from bench.reads import SMALL, creatives
from bench.results import Remembering, Started
from bench.stage import Stage

MIB = 1024 * 1024
CACHE_MIB = 64  # the default


def remember(stage: Stage, plan: Plan) -> Remembering:
    """Everybody signs in and reads two things of his own team."""
    folder, cache = stage.folder / "remembering", {"BFF_CACHE__MAX_BYTES": str(CACHE_MIB * MIB)}
    with gateway(
        folder, stage.platform.origin, stage.issuer, stage.cores.server, **cache
    ) as program:
        at_start = program.resident
        cookies = sign_in(program.port, stage.issuer, range(1, plan.sessions + 1))
        signed_in = program.resident
        targets = (SMALL.target, creatives)
        offered = ask_all(
            program.port,
            [(cookie, target(user)) for user, cookie in cookies.items() for target in targets],
        )
        filled = program.resident
        full = Contestant("full", "", program, PAGE | {"Cookie": cookies[1]})
        empty_us, full_us = _beside_an_empty_one(stage, plan, full)
    tell("memory of sessions and of a full cache")
    return Remembering(
        sessions=plan.sessions,
        at_start=at_start / MIB,
        signed_in=signed_in / MIB,
        filled=filled / MIB,
        offered=offered / MIB,
        hit_empty_us=empty_us,
        hit_full_us=full_us,
    )


def _beside_an_empty_one(stage: Stage, plan: Plan, full: Contestant) -> tuple[float, float]:
    """What a hit costs a gateway that one person signed in to, and the full one: in turns, since what
    the machine does meanwhile costs either more than their difference. Microseconds."""
    costs: defaultdict[str, list[float]] = defaultdict(list)
    with gateway(
        stage.folder / "empty", stage.platform.origin, stage.issuer, stage.cores.server
    ) as program:
        cookie = sign_in(program.port, stage.issuer, [1])[1]
        empty = Contestant("empty", "", program, PAGE | {"Cookie": cookie})
        for _ in range(plan.turns):
            for one in (empty, full):
                costs[one.name].append(run(one, SMALL.target(), plan.seconds).cpu_us)
    return median(costs["empty"]), median(costs["full"])


def starts(stage: Stage, plan: Plan) -> Sequence[Started]:
    """From the command to the first answer, the embedded sandbox off."""
    found = [_start(stage, number) for number in range(plan.starts)]
    tell("starts")
    return found


def _start(stage: Stage, number: int) -> Started:
    began = time.perf_counter()
    folder = stage.folder / f"start-{number}"
    with gateway(folder, stage.platform.origin, stage.issuer, stage.cores.server) as program:
        asyncio.run(_ask_health(program.port))
        return Started(time.perf_counter() - began, program.cpu_seconds)


async def _ask_health(port: int) -> None:
    connection = await connect(port)
    answer = await connection.ask("GET", "/healthz")
    assert answer.status == 200, answer.body
    connection.close()
