"""Which operation of the platform a request names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.catalogue.operation import Operation
from app.catalogue.operations import Catalogue

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Found:
    """An operation, and the values in its path."""

    operation: str
    template: str
    values: Mapping[str, str]

    def path(self, rename: Callable[[str], str]) -> str:
        """The path with other values in it."""
        return _PLACEHOLDER.sub(lambda match: rename(self.values[match[1]]), self.template)


class Addresses:
    """Those of the catalogue, replaced ones included; no other request goes to the platform."""

    def __init__(self, catalogue: Catalogue, replaced: Mapping[str, str]) -> None:
        addresses = catalogue.addresses(replaced).items()
        # A word in a path is itself before it is a value.
        ordered = sorted(addresses, key=lambda one: len(one[1].placeholders))
        self._patterns = [(name, one, _pattern(one.path)) for name, one in ordered]
        self._enterprises = dict(_enterprises(catalogue.operations))

    def find(self, method: str, path: str) -> Found | None:
        """`path` is decoded, below the platform's base path."""
        for name, address, pattern in self._patterns:
            if address.method == method and (match := pattern.fullmatch(path)):
                return Found(name, address.path, match.groupdict())
        return None

    def enterprise(self, found: Found, query: Mapping[str, str], body: Any) -> str | None:
        """The enterprise that a request is about, if it names one."""
        name = self._enterprises.get(found.operation)
        sent = {**found.values, **query, **(body if isinstance(body, dict) else {})}
        value = sent.get(name) if name else None
        return value if isinstance(value, str) else None


def _pattern(path: str) -> re.Pattern[str]:
    literal = re.split(r"\{\w+\}", path)
    names = _PLACEHOLDER.findall(path)
    parts = [re.escape(literal[0])]
    for name, after in zip(names, literal[1:], strict=True):
        parts += [f"(?P<{name}>[^/]+)", re.escape(after)]
    return re.compile("".join(parts))


def _enterprises(operations: Iterable[type[Operation[Any]]]) -> Iterable[tuple[str, str]]:
    """By operation the wire's name of the enterprise."""
    for operation in operations:
        for parameter in operation.parameters:
            if parameter.field == "enterprise_id" and parameter.wire is not None:
                yield operation.id, parameter.wire
