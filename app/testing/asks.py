"""One valid request of an operation, about the sandbox's demo world, to be made into invalid ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import httpx2 as httpx

from app.catalogue.operation import Operation, Place
from app.testing.world import Browser

# Objects of the demo world: Acme's brand team, and one whose members have nothing to do with it.
OWN: Mapping[str, str] = {
    "enterpriseId": "acme",
    "teamId": "team-acme-brand",
    "adAccountId": "act_1001",
    "connectionId": "conn-acme-brand",
    "campaignId": "cmp_1001_1",
    "externalUserId": "cleo",
    "idempotencyKey": "nobodys-key",
}
FOREIGN: Mapping[str, str] = {
    "enterpriseId": "globex",
    "teamId": "team-globex-shop",
    "adAccountId": "act_2001",
    "connectionId": "conn-globex-shop",
    "campaignId": "cmp_2001_1",
    "externalUserId": "hugo",
}


@dataclass(frozen=True, slots=True)
class Example:
    """What a valid request holds beside the demo world's ids: `values` of path and query, a `body`.

    `answer` is the platform's data to it, as it stands inside the envelope; the sandbox answers it
    where it does not know the operation itself.
    """

    answer: Any = None
    values: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Ask:
    """A request below /api/v1: `path` holds the values of the route, not yet percent-encoded."""

    method: str
    route: str
    path: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None

    @property
    def target(self) -> str:
        """Path and query, percent-encoded."""
        return self.raw({name: quote(value, safe="") for name, value in self.path.items()})

    def raw(self, encoded: dict[str, str]) -> str:
        """The same with path values exactly as given."""
        path = re.sub(r"\{(\w+)\}", lambda match: encoded[match[1]], self.route)
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in self.query.items())
        return f"{path}?{query}" if query else path

    def with_path(self, **values: str) -> Ask:
        return replace(self, path=self.path | values)

    def about(self, other: Mapping[str, str]) -> Ask:
        """The same request about other objects, wherever it names them."""

        def instead(values: Mapping[str, Any]) -> dict[str, Any]:
            return {name: other.get(name, value) for name, value in values.items()}

        body = None if self.body is None else instead(self.body)
        return replace(self, path=instead(self.path), query=instead(self.query), body=body)

    def send(self, browser: Browser, **headers: str) -> httpx.Response:
        return browser.api(self.method, self.target, json=self.body, headers=headers or None)


def ask_of(operation: type[Operation[Any]], example: Example) -> Ask:
    """The request of this example: what is required, and what the example gives."""
    values = {**OWN, **example.values}
    needed = [p for p in operation.parameters if p.required or p.name in example.values]
    return Ask(
        operation.method,
        operation.path,
        {p.name: values[p.name] for p in needed if p.place is Place.PATH},
        {p.name: values[p.name] for p in needed if p.place is Place.QUERY},
        None if example.body is None else dict(example.body),
    )
