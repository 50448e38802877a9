"""The report: for people, and as JSON."""

from __future__ import annotations

import platform
import subprocess
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from tests.soak.phases import CROWDED, QUIET
from tests.soak.soak import Result

PACKAGES = ("ads-bff", "fastapi", "uvicorn", "httpx2", "redis", "uvloop")


def surroundings() -> dict[str, Any]:
    """Where it ran, and what."""
    return {
        "revision": _said("git", "describe", "--always", "--dirty", "--abbrev=12"),
        "machine": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "processors": _said("nproc"),
        "python": platform.python_version(),
        "redis-server": _said("redis-server", "--version"),
        "packages": {name: version(name) for name in PACKAGES},
    }


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def as_json(result: Result, command: str) -> dict[str, Any]:
    """Everything that was measured."""
    plan = result.plan
    return {
        "command": command,
        "seed": plan.seed,
        "seconds": plan.seconds,
        "replicas": plan.replicas,
        **surroundings(),
        "broken": vars(result.verdict),
        "money": Counter(str(intent.end) for intent in result.intents),
        "changes": result.changes,
        "arranged": result.arranged,
        "answers": result.tally.kinds(),
        "amplificationWhileDown": result.amplification,
        "callsWhileDown": result.calls_while_down,
        "p99OfChanges": {name: result.tally.p99(name, "change") for name in (QUIET, CROWDED)},
        "p99OfMoney": {name: result.tally.p99(name, "money") for name in (QUIET, CROWDED)},
        "streamEvents": result.stream_events,
        "signIns": result.sign_ins,
        "heldBefore": result.before,
        "heldAfter": result.after,
        "exits": result.exits,
    }


def as_text(told: dict[str, Any]) -> str:
    """The same, to be read."""
    return "\n".join(_lines(told)) + "\n"


def _lines(told: dict[str, Any]) -> Iterator[str]:
    broken = [f"{kind}: {one}" for kind, found in told["broken"].items() for one in found]
    yield f"Soak of {told['seconds']:g} s, seed {told['seed']}, {told['replicas']} replicas"
    for name in ("command", "revision", "machine", "processors", "python", "redis-server"):
        yield f"  {name:14}{told[name]}"
    yield ""
    for name, meaning in _KINDS.items():
        yield f"  {meaning:58}{len(told['broken'][name]):6}"
    yield ""
    yield f"  intents to spend      {_counted(told['money'])}"
    yield f"  repeatable writes     {_counted(told['changes'])}"
    yield f"  arranged              {_counted(told['arranged'])}"
    yield f"  sign-ins {told['signIns']}, events of streams {told['streamEvents']}"
    yield from _measured(told)
    yield ""
    for phase, kinds in told["answers"].items():
        yield f"  {phase}"
        for kind, ends in kinds.items():
            yield f"    {kind:10}{_counted(ends)}"
    yield ""
    yield from broken[:50] or ["Nothing is broken."]


_KINDS = {
    "duplicates": "made more often than wanted (must be 0)",
    "lost": "told of, and not there (must be 0)",
    "failed_but_there": "told to have failed, and there (must be 0)",
    "claimed": "told of under an id that is not its own (must be 0)",
    "changes_lost": "repeatable writes that are not there (must be 0)",
    "changes_unseen": "read as it was before a write (must be 0)",
    "breaches": "500s, refused bodies, what is another's (must be 0)",
    "troubles": "tracebacks and ends other than 0 (must be 0)",
    "leaks": "processes that hold too many files (must be 0)",
}


def _measured(told: dict[str, Any]) -> Iterator[str]:
    amplification = told["amplificationWhileDown"]
    if amplification is not None:
        yield f"  calls per request while the platform was down: {amplification:.2f}"
    for name in ("p99OfChanges", "p99OfMoney"):
        times = ", ".join(f"{phase} {_ms(found)}" for phase, found in told[name].items())
        yield f"  {name:22}{times}"
    for name, held in told["heldAfter"].items():
        before = told["heldBefore"][name]
        figures = ", ".join(f"{what} {before[what]} → {n}" for what, n in held.items())
        yield f"  {name:22}{figures}"


def _counted(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name}: {n}" for name, n in numbers.items()) or "none"


def _ms(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:.0f} ms"
