"""Write down what requests cost now: `python -m tests.guard` after a change that is meant to cost more."""

from __future__ import annotations

from tests.guard.baseline import write
from tests.guard.calls import costs

if __name__ == "__main__":
    print(write(costs()))
