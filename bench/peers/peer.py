"""A contestant: a program that answers what the gateway answers, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bench.platform import Platform
from bench.programs import Program
from bench.reads import Reading


class Body(StrEnum):
    """How alike a peer's answers are to ours: to the byte, or the same JSON (140 for 140.0)."""

    SAME_BYTES = "same bytes"
    SAME_JSON = "same JSON"
    RAW = "the platform's own"


@dataclass(frozen=True, slots=True)
class Contestant:
    """One that runs. `headers` are those of a request by user 1."""

    name: str
    label: str
    program: Program
    headers: Mapping[str, str]
    body: Body = Body.SAME_BYTES
    # Refuses who shows no credential; refuses who shows a bad one.
    asks: bool = True
    verifies: bool = True
    # Revalidates by ETag; says by Cache-Status whether it had the answer.
    keeps: bool = True
    target: Callable[[Reading], str] = field(default=Reading.target)

    @property
    def port(self) -> int:
        return self.program.port


@dataclass(frozen=True, slots=True)
class Peer:
    """One that can be started: `missing` says what it lacks on this machine, "" when nothing."""

    name: str
    missing: str
    start: Callable[[Path, Platform, int], AbstractContextManager[Contestant]]
