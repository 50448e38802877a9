"""Run a soak, print its report and keep it; exit 1 when something broke that must hold."""

from __future__ import annotations

import argparse
import json
import random
import shlex
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from deploy.cluster.plan import REDIS
from tests.soak.report import as_json, as_text
from tests.soak.soak import Plan, soak

LEAST_SECONDS = 30.0


def main() -> int:
    asked = _asked()
    if REDIS is None:
        print("redis-server is not installed: scripts/system-packages says why.", file=sys.stderr)
        return 2
    plan = Plan(seconds=max(asked.seconds, LEAST_SECONDS), seed=asked.seed)
    print(f"Soak of {plan.seconds:g} s, seed {plan.seed}, and its end.", flush=True)
    with ExitStack() as stack:
        temporary = stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-"))
        result = soak(plan, _made(asked.logs) if asked.logs else Path(temporary))
    told = as_json(result, shlex.join(["python", "-m", "tests.soak", *sys.argv[1:]]))
    asked.report.parent.mkdir(parents=True, exist_ok=True)
    asked.report.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(as_text(told))
    return 1 if result.verdict.broken else 0


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder.resolve()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="of the load")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--report", type=Path, default=Path("var/soak.json"))
    parser.add_argument("--logs", type=Path, help="a new folder for what the processes say")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
