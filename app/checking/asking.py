"""One question over HTTP, as the checks ask it: no redirects, no proxies, an answer or why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from app.clock import Clock
from app.findings import Finding, risk
from app.upstream.exchange import Exchange, ExchangeError, Incoming, Outgoing

# Seconds for one question.
PATIENCE = 5.0
# What the gateway tolerates between clocks (seconds).
SKEW = 120


class NoAnswer(Exception):
    """There was none, or none that is what was asked for; the text says why and quotes nobody."""


class Asker:
    """Asks on one exchange."""

    def __init__(self, exchange: Exchange, clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock

    async def ask(self, request: Outgoing) -> Incoming:
        try:
            return await self._exchange.send(request, PATIENCE)
        except ExchangeError as error:
            raise NoAnswer(str(error)) from None

    async def document(self, url: str) -> tuple[dict[str, Any], Incoming]:
        """A JSON object that is published, with the answer that it came in."""
        answer = await self.ask(Outgoing("GET", url, {"accept": "application/json"}))
        if answer.status != 200:
            raise NoAnswer(f"status {answer.status}")
        read = json_of(answer)
        if not isinstance(read, dict):
            raise NoAnswer("no JSON object")
        return read, answer

    def skew(self, setting: str, headers: Mapping[str, str]) -> list[Finding]:
        """What is to be said of the other's clock, by the Date of its answer."""
        try:
            theirs = parsedate_to_datetime(headers["date"]).timestamp()
        except (KeyError, ValueError):
            return []
        return skewed(setting, theirs - self._clock.now())


def skewed(setting: str, seconds: float) -> list[Finding]:
    """`seconds` is by how much the other's clock is ahead."""
    if abs(seconds) <= SKEW:
        return []
    way = "ahead of" if seconds > 0 else "behind"
    sentence = f"{setting}: its clock is {abs(seconds):.0f} seconds {way} this machine's."
    return [risk(sentence, f"Set both by NTP; up to {SKEW} seconds are tolerated.")]


def json_of(answer: Incoming) -> Any:
    """What it says, None where it is no JSON."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
