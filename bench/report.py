"""The report of a run, for people (Markdown) and for programs (JSON)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench import machine
from bench.goals import goals
from bench.load.wrk import CONNECTIONS
from bench.plan import Plan
from bench.results import Measured, Results


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where, when and of what the numbers are; `loads` are the load averages before and after."""

    plan: Plan
    cores: machine.Cores
    loads: tuple[str, str]
    lasted: float


def write(results: Results, around: Circumstances, folder: Path) -> None:
    """`latest.json` and `latest.md` there."""
    folder.mkdir(parents=True, exist_ok=True)
    told = as_json(results, around)
    text = json.dumps(told, indent=2, ensure_ascii=False)
    (folder / "latest.json").write_text(f"{text}\n", "utf-8")
    (folder / "latest.md").write_text(as_text(results, told), "utf-8")


def as_json(results: Results, around: Circumstances) -> dict[str, Any]:
    return {
        "revision": machine.revision(),
        "command": machine.command(),
        "load": f"wrk -t1 -c{CONNECTIONS}",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "lasted_seconds": round(around.lasted),
        "plan": asdict(around.plan),
        "machine": machine.described()
        | {
            "core of the server": around.cores.server,
            "core of the load and the platform": around.cores.others,
            "load average before and after": " / ".join(around.loads),
        },
        "versions": machine.versions(),
        "goals": [asdict(goal) | {"verdict": goal.verdict} for goal in goals(results)],
        "closed loads": [_with_medians(one) for one in results.measured],
        "fixed rates": [asdict(one) for one in results.held],
        "crowds": [asdict(one) for one in results.crowded],
        "changes": asdict(results.changed),
        "memory": asdict(results.remembering),
        "starts": [asdict(one) for one in results.starts],
        "verified": [asdict(one) for one in results.verified],
        "missing": results.missing,
    }


def _with_medians(one: Measured) -> dict[str, Any]:
    medians = {name: getattr(one, name) for name in ("rate", "spread", "cpu_us", "p99_ms")}
    return asdict(one) | medians


def as_text(results: Results, told: dict[str, Any]) -> str:
    return "\n".join([*_head(told), *_goals(told), *_tables(results), *_foot(results)]) + "\n"


def _head(told: dict[str, Any]) -> Iterator[str]:
    yield "# Measured"
    yield ""
    yield f"`{told['command']}` on {told['at']}, revision {told['revision']}, plan "
    yield f"`{told['plan']['name']}`, in {told['lasted_seconds']} seconds. How to repeat it and what"
    yield "each load is: [docs/performance.md](../../docs/performance.md#how-to-measure)."
    yield ""
    if (
        told["machine"]["core of the server"]
        == told["machine"]["core of the load and the platform"]
    ):
        yield "**There is one core: server and load shared it. Nothing here is comparable.**"
        yield ""
    yield from _table(("machine", ""), told["machine"].items())
    yield from _table(("version of", ""), told["versions"].items())
    for who, why in told["missing"].items():
        yield f"Not measured: {who} ({why})."
        yield ""


def _goals(told: dict[str, Any]) -> Iterator[str]:
    yield "## Goals"
    yield ""
    rows = (
        (
            goal["name"],
            "–" if goal["measured"] is None else f"{goal['measured']:.2f}",
            f"{'≤' if goal['most'] else '≥'} {goal['floor']:g}",
            f"{'≤' if goal['most'] else '≥'} {goal['aim']:g}",
            goal["verdict"],
        )
        for goal in told["goals"]
    )
    yield from _table(("goal", "measured", "floor", "aim", ""), rows)


def _tables(results: Results) -> Iterator[str]:
    yield "## Closed loads"
    yield ""
    yield "32 connections ask as fast as they are answered; medians of the rounds. Spread: from the"
    yield "slowest round to the fastest. CPU: the server's processor time per request. Calls: what the"
    yield "platform was asked per request, for data of ad accounts. Both count requests that the end of a"
    yield "round left unanswered, too. The last two columns are one ratio measured twice: where other"
    yield "programs want the server's core as well, that by CPU is the better one."
    yield ""
    for workload in dict.fromkeys(one.workload for one in results.measured):
        yield from _closed(results, workload)
    yield from _fixed(results)
    yield from _crowds(results)
    yield from _single(results)


def _closed(results: Results, workload: str) -> Iterator[str]:
    yield f"### {workload}"
    yield ""
    here = [one for one in results.measured if one.workload == workload]
    rows = (
        (
            one.who,
            f"{one.rate:,.0f}",
            f"{one.spread:.0%}",
            f"{one.cpu_us:,.1f} µs",
            f"{one.p99_ms:.2f} ms",
            f"{one.calls:.3f}",
            _times(here[0].rate / one.rate),
            _times(one.cpu_us / here[0].cpu_us) if here[0].cpu_us else "–",
        )
        for one in here
    )
    first = here[0].who
    columns = ("who", "requests/s", "spread", "CPU", "p99", "calls", f"{first} to it", "by CPU")
    yield from _table(columns, rows)


def _fixed(results: Results) -> Iterator[str]:
    yield "## Hits of 4 KB at fixed rates of arrival"
    yield ""
    yield "Counted from when a request was due. Late: the 99th percentile of how much later than due"
    yield "requests left."
    yield ""
    rows = (
        (
            one.who,
            f"{one.rate:,.0f}/s, half of what {one.rate_of} can, or what the load holds",
            f"{one.achieved:,.0f}/s",
            *(f"{value:.2f} ms" for value in (one.p50, one.p99, one.p999, one.late_p99)),
        )
        for one in results.held
    )
    yield from _table(("who", "rate", "achieved", "p50", "p99", "p99.9", "late"), rows)


def _crowds(results: Results) -> Iterator[str]:
    yield "## Crowds of identical misses"
    yield ""
    rows = (
        (
            one.who,
            f"{one.answered} of {one.asked}",
            str(one.calls),
            f"{one.p50:,.0f} ms",
            f"{one.p99:,.0f} ms",
            f"{one.cpu_ms:,.0f} ms",
        )
        for one in results.crowded
    )
    yield from _table(("who", "answered", "calls", "p50", "p99", "CPU of all"), rows)


def _single(results: Results) -> Iterator[str]:
    changed, memory = results.changed, results.remembering
    yield "## Changes, memory, start"
    yield ""
    rows = (
        ("a change, p50 / p99", f"{changed.change_p50:.2f} / {changed.change_p99:.2f} ms"),
        ("the read after it, p50 / p99", f"{changed.read_p50:.2f} / {changed.read_p99:.2f} ms"),
        ("reads that were fetched anew", f"{changed.fresh} of {changed.changes}"),
        ("CPU of a change and a read", f"{changed.cpu_ms:.2f} ms"),
        ("memory at the start", f"{memory.at_start:.0f} MiB"),
        (f"with {memory.sessions} sessions", f"{memory.signed_in:.0f} MiB"),
        (
            f"and tokens and cache, {memory.offered:.0f} MiB offered",
            f"{memory.filled:.0f} MiB",
        ),
        (
            "CPU of a hit, by an empty gateway and by this one",
            f"{memory.hit_empty_us:.1f} / {memory.hit_full_us:.1f} µs",
        ),
        ("start to first answer", f"{median(one.seconds for one in results.starts):.2f} s"),
        ("CPU of that", f"{median(one.cpu_seconds for one in results.starts):.2f} s"),
    )
    yield from _table(("what", ""), rows)


def _foot(results: Results) -> Iterator[str]:
    yield "## What was verified before"
    for one in results.verified:
        yield ""
        yield f"**{one.name}**: {one.label}. `{one.command}`"
        yield ""
        yield from (f"- {fact}" for fact in one.facts)


def _times(ratio: float) -> str:
    return f"{ratio:.2f} ×"


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"
    yield ""
