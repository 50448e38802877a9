"""Dispatch: from a path to the declared operation that answers it, by one look per segment.

The framework's router tries its routes one after the other, each with a regular expression. It still
has them, describes them, and answers every path that is not declared; a test holds both to the same
choice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from app.gateway.entrance import Entrance
from app.oldest import drop_oldest

# So many paths are known by heart, and how long they are at most (0.5 kB apiece).
MOST_KNOWN, LONGEST_KNOWN = 4096, 200


@dataclass(slots=True)
class Node:
    """What follows one segment: by the next segment's text, or whatever it is; and who answers here."""

    literal: dict[str, Node] = field(default_factory=dict)
    any: Node | None = None
    # By method; the names are those of the segments that can be anything.
    ends: dict[str, tuple[Entrance, tuple[str, ...]]] = field(default_factory=dict)


class Directory:
    """The declared routes by their paths; where two of them fit, the one with the literal segment."""

    def __init__(self, entrances: Iterable[Entrance]) -> None:
        self._root = Node()
        self._found: dict[tuple[str, str], tuple[Entrance, Mapping[str, str]]] = {}
        for entrance in entrances:
            self._add(entrance)

    def find(self, path: str, method: str) -> tuple[Entrance, Mapping[str, str]] | None:
        """The route and its path parameters. Where only the method is wrong it is one of the others
        that the path has: it knows what to say."""
        known = self._found.get((path, method))
        if known is not None:
            return known
        first, *segments = path.split("/")
        if first:
            return None
        if (found := self._straight(segments, method)) is not None:
            if len(path) <= LONGEST_KNOWN:
                self._found[path, method] = found
                drop_oldest(self._found, MOST_KNOWN)
            return found
        other = None
        for ends, values in _follow(self._root, segments, 0, ()):
            if (end := ends.get(method)) is not None:
                return end[0], dict(zip(end[1], values, strict=True))
            other = other or (ends, values)
        if other is None:
            return None
        ends, values = other
        route, names = next(iter(ends.values()))
        return route, dict(zip(names, values, strict=True))

    def _straight(
        self, segments: list[str], method: str
    ) -> tuple[Entrance, Mapping[str, str]] | None:
        """The same by the literal segments wherever there are any: what it finds is the right one."""
        node, values = self._root, list[str]()
        for segment in segments:
            literal = node.literal.get(segment)
            if literal is not None:
                node = literal
            elif node.any is not None and segment:
                node = node.any
                values.append(segment)
            else:
                return None
        end = node.ends.get(method)
        return None if end is None else (end[0], dict(zip(end[1], values, strict=True)))

    def _add(self, route: Entrance) -> None:
        node, names = self._root, list[str]()
        for segment in route.path.split("/")[1:]:
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.any = node = node.any or Node()
            else:
                node = node.literal.setdefault(segment, Node())
        node.ends[route.operation.method] = route, tuple(names)


Ends = dict[str, tuple[Entrance, tuple[str, ...]]]


def _follow(
    node: Node, segments: list[str], at: int, values: tuple[str, ...]
) -> Iterator[tuple[Ends, tuple[str, ...]]]:
    """Wherever the path leads, literal segments first."""
    if at == len(segments):
        if node.ends:
            yield node.ends, values
        return
    segment = segments[at]
    literal = node.literal.get(segment)
    if literal is not None:
        yield from _follow(literal, segments, at + 1, values)
    if node.any is not None and segment:
        yield from _follow(node.any, segments, at + 1, (*values, segment))


class Dispatch:
    """Stands before the framework's router, behind everything that looks at each request."""

    def __init__(self, app: ASGIApp, *, directory: Directory) -> None:
        self._app = app
        self._directory = directory

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        found = None
        if scope["type"] == "http":
            path = scope["path"]
            if root := scope.get("root_path"):
                # As the framework's router does where the application is mounted somewhere.
                path = path.removeprefix(root)
            found = self._directory.find(path, scope["method"])
        if found is None:
            return self._app(scope, receive, send)
        route, scope["path_params"] = found
        return route.handle(scope, receive, send)
