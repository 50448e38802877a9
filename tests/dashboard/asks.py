"""Dashboards, as a frontend asks for them, and the events of a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx2 as httpx

from app.clock import today
from app.testing.world import API, Browser, World

PATH = "/teams/team-acme-brand/dashboard"
ACCOUNT = "act_1001"


def days(world: World, length: int, until: int = 0) -> dict[str, str]:
    """A period of so many days, the last of which was `until` days ago."""
    end = today(world.clock) - timedelta(days=until)
    return period(end - timedelta(days=length - 1), end)


def period(start: date, end: date) -> dict[str, str]:
    return {
        "adAccountId": ACCOUNT,
        "startDate": start.isoformat(),
        "endDate": end.isoformat(),
    }


def ask(browser: Browser, asked: dict[str, Any]) -> httpx.Response:
    return browser.api("GET", PATH, params=asked)


def dashboard(browser: Browser, asked: dict[str, Any]) -> dict[str, Any]:
    """One that succeeds."""
    answer = ask(browser, asked)
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


@dataclass
class Stream:
    """An open stream; its events are read as they come."""

    answer: httpx.Response
    lines: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = self.answer.iter_lines()

    def event(self) -> tuple[str, Any]:
        """The next event: its name and its data; a comment is called ``."""
        name, data = "", ""
        for line in self.lines:
            if not line and (name or data):
                return name, json.loads(data) if name else data
            key, _, value = line.partition(":")
            if key == "event":
                name = value.strip()
            elif key == "data":
                data += value.strip()
            elif line:
                data = value.strip()
        raise EOFError

    def until(self, wanted: str) -> tuple[list[tuple[str, Any]], Any]:
        """The events before the next one of that name, and its data."""
        before: list[tuple[str, Any]] = []
        while True:
            name, data = self.event()
            if name == wanted:
                return before, data
            before.append((name, data))

    def ready(self) -> dict[str, Any]:
        """The dashboard as it is known when every part has been told once."""
        known: dict[str, Any] = {}
        for name, data in self.until("ready")[0]:
            if name in {"scope", "parts"}:
                known |= data | {
                    "breakdowns": known.get("breakdowns", {}) | data.get("breakdowns", {})
                }
        return known

    def rest(self) -> list[tuple[str, Any]]:
        """What comes until the stream ends."""
        found = []
        while True:
            try:
                found.append(self.event())
            except EOFError:
                return found


@contextmanager
def stream(browser: Browser, asked: dict[str, Any]) -> Iterator[Stream]:
    """A stream that opens."""
    headers = {"Accept": "text/event-stream"}
    with browser.stream("GET", f"{API}{PATH}/stream", params=asked, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        yield Stream(answer)
