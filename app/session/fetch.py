"""Fetch: the way out to whoever signs people in, passed in by whoever owns the HTTP client."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.errors import UpstreamProblem, UpstreamUnavailable
from app.session.freshness import seconds_fresh
from app.session.kept import Loaded

SENTENCE = "Signing in is not possible at the moment. Try again in a minute."


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer from there. Bodies may hold tokens, so they have no repr."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Fetch(Protocol):
    """One HTTP exchange: no redirects, a capped body, a deadline. Failures are UpstreamProblems."""

    async def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Fetched: ...


# Makes a problem of a reason, in the words of whose documents they are.
Failed = Callable[[str], UpstreamUnavailable]


def provider_failed(reason: str) -> UpstreamUnavailable:
    """The identity provider cannot be used; `reason` is for the log and holds nothing it sent."""
    return UpstreamUnavailable(SENTENCE, reason=f"identity provider: {reason}")


async def ask(
    fetch: Fetch,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    failed: Failed = provider_failed,
) -> Fetched:
    """Fetch, with every failure told as what it means here: signing in is not possible."""
    try:
        return await fetch(method, url, headers=headers, body=body)
    except UpstreamProblem as problem:
        raise failed(problem.code) from None


async def get_document(
    fetch: Fetch, url: str, failed: Failed = provider_failed
) -> Loaded[dict[str, Any]]:
    """A JSON object that is published, and how long it is fresh."""
    answer = await ask(fetch, "GET", url, headers={"Accept": "application/json"}, failed=failed)
    if answer.status != 200:
        raise failed(f"status {answer.status} for a document")
    return Loaded(json_object(answer.body, failed), seconds_fresh(answer.headers))


def json_object(body: bytes, failed: Failed = provider_failed) -> dict[str, Any]:
    """The body as a JSON object."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        raise failed("the answer is not JSON") from None
    if not isinstance(read, dict):
        raise failed("the answer is not a JSON object")
    return read
