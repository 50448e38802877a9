"""Measure the gateway beside its peers, and write down what was found.

`python -m bench [--plan quick]`: prepare, verify, measure, report. What is measured and how to read it is
in docs/performance.md.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench import machine
from bench.gateways import remember, starts
from bench.machine import Cores
from bench.plan import FULL, GLANCE, QUICK, Plan
from bench.progress import tell
from bench.report import Circumstances, write
from bench.results import Results
from bench.rounds import changes, latency, stampedes, throughput
from bench.scene import record
from bench.stage import Stage, stage
from bench.verify import Verified, verify
from bench.workloads import workloads

PLANS = {plan.name: plan for plan in (FULL, QUICK, GLANCE)}


def main() -> int:
    asked = _asked()
    if not (machine.WRK and machine.NGINX):
        print("wrk and nginx are needed: scripts/system-packages bench", file=sys.stderr)
        return 2
    plan, cores, before = PLANS[asked.plan], Cores.choose(), machine.busy()
    began = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all that was started ends
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        results = bench(plan, cores, Path(folder))
    loads = (before, machine.busy())
    around = Circumstances(plan, cores, loads, time.monotonic() - began)
    write(results, around, asked.results)
    print((asked.results / "latest.md").read_text("utf-8"))
    return 0


def bench(plan: Plan, cores: Cores, folder: Path) -> Results:
    """Everything once. Raises Untrue when a contestant's answers are not right."""
    machine.allow_many_files()
    machine.stay_on(cores.others)
    with stage(record(), folder, cores) as prepared:
        tell("all are started")
        verified = [verify(one, prepared.scene.public) for one in prepared.contestants.values()]
        tell("all answers are verified")
        return _measured(prepared, plan, verified)


def _measured(prepared: Stage, plan: Plan, verified: list[Verified]) -> Results:
    closed = [
        one
        for workload in workloads(prepared, plan)
        for one in throughput(prepared, plan, workload)
    ]
    peaks = {one.who: one.rate for one in closed if one.workload == "hit 4 KB"}
    return Results(
        verified=verified,
        missing=dict(prepared.missing),
        measured=closed,
        held=latency(prepared, plan, peaks),
        crowded=stampedes(prepared, plan),
        changed=changes(prepared, plan),
        remembering=remember(prepared, plan),
        starts=starts(prepared, plan),
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--plan", choices=PLANS, default=FULL.name)
    parser.add_argument("--results", type=Path, default=Path("bench/results"))
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
