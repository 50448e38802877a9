"""What a program of the load is told to ask, and how it is started."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.machine import CHECKOUT


@dataclass(frozen=True, slots=True)
class Order:
    """An address and the headers to send; `change` is another address, of a PATCH."""

    target: str
    headers: Mapping[str, str]
    change: str = ""

    @classmethod
    def read(cls, text: str) -> Order:
        return cls(**json.loads(text))


def carry_out(program: str, order: Order, *arguments: object) -> Any:
    """Run a module of this folder to its end; what it told as JSON."""
    command = [sys.executable, "-m", f"bench.load.{program}", *map(str, arguments)]
    done = subprocess.run(
        command,
        input=json.dumps(asdict(order)),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        cwd=CHECKOUT,
    )
    return json.loads(done.stdout)


def quantile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least this part of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]
