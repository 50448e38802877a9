"""How much of everything a run does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Times are in seconds. What has no number of its own happens `rounds` times."""

    name: str
    rounds: int
    # The closed loads: how often it is each one's turn, and for how long.
    turns: int
    seconds: float
    warm_up: float
    # Open-model latency: how long each fixed rate is held.
    steady_seconds: float
    # Identical misses at once.
    crowd: int
    # The mixed load: how often it is each one's turn, and for how long; how many users ask for how many
    # dashboards, and how many draws of these two.
    mixed_turns: int
    mixed_seconds: float
    users: int
    dashboards: int
    draws: int
    # Changes with a read after each.
    changes: int
    # Sessions that sign in to see what memory they take.
    sessions: int
    starts: int


FULL = Plan(
    name="full",
    rounds=5,
    turns=9,  # of one contestant they differ by a half: many short ones say more than a few long ones
    seconds=1.0,
    warm_up=1.0,
    steady_seconds=10.0,
    crowd=1000,
    mixed_turns=2,
    mixed_seconds=60.0,  # after one the gateway asks anew whether they may
    users=2000,
    dashboards=20,
    draws=20_000,
    changes=300,
    sessions=10_000,
    starts=5,
)
QUICK = Plan(
    name="quick",
    rounds=2,
    turns=2,
    seconds=0.6,
    warm_up=0.2,
    steady_seconds=2.0,
    crowd=1000,
    mixed_turns=1,
    mixed_seconds=2.0,
    users=2000,
    dashboards=20,
    draws=2000,
    changes=40,
    sessions=400,
    starts=2,
)
# Once through everything, for the tests of the benchmark itself.
GLANCE = Plan(
    name="glance",
    rounds=1,
    turns=1,
    seconds=0.2,
    warm_up=0.0,
    steady_seconds=0.5,
    crowd=20,
    mixed_turns=1,
    mixed_seconds=0.2,
    users=20,
    dashboards=2,
    draws=40,
    changes=2,
    sessions=10,
    starts=1,
)
