"""The port of operations, and what its exposition says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
from prometheus_client.parser import text_string_to_metric_families

from app.measuring import Measuring
from app.observe.exposition import exposition
from app.testing.world import World
from tests.commands.running import PATIENCE, Running, serving
from tests.ports import free_port


@dataclass(frozen=True)
class Scrape:
    """One exposition, parsed as Prometheus would."""

    text: str

    @property
    def series(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        """The sum over the series that have these labels; there has to be one."""
        found = [
            value
            for (series, having), value in self.series.items()
            if series == name and labels.items() <= having
        ]
        assert found, f"there is no {name} with {labels}"
        return sum(found)

    def has(self, name: str, **labels: str) -> bool:
        return any(series == name and labels.items() <= having for series, having in self.series)


def scraped(running: World) -> Scrape:
    """The exposition of a gateway in this process."""
    measuring = Measuring(running.parts, running.gateway.app.state.memory)
    text, _ = exposition(measuring.measured(), "")
    return Scrape(text.decode())


@dataclass
class Operated:
    """A process that serves, and its port of operations."""

    running: Running
    client: httpx.Client

    def scrape(self) -> Scrape:
        answer = self.client.get("/metrics")
        assert answer.status_code == 200, answer.text
        return Scrape(answer.text)

    def readiness(self) -> tuple[int, str]:
        answer = self.client.get("/readyz")
        return answer.status_code, answer.json()["status"]

    def until(self, holds: Callable[[], bool]) -> None:
        """Another process tells only by its answers when something has happened there."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, self.running.said
            time.sleep(0.05)


@contextmanager
def operated(
    *arguments: str, cwd: Path, settings: Mapping[str, str] | None = None, port: int = 0
) -> Iterator[Operated]:
    """`bff serve` with a port of operations, when it is ready."""
    place = free_port()
    given = {"BFF_OPERATIONS__PORT": str(place), **(settings or {})}
    with (
        serving(
            "serve",
            *arguments,
            cwd=cwd,
            settings=given,
            port=port,
            health="/readyz",
            health_port=place,
        ) as running,
        httpx.Client(base_url=f"http://127.0.0.1:{place}", trust_env=False, timeout=30) as client,
    ):
        yield Operated(running, client)
