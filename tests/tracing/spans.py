"""A gateway whose traces are collected here, and traces as trees."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from app.testing.world import Browser, World, world

Tree = tuple[str, list["Tree"]]


@dataclass
class Traced:
    """A world and the spans that came of it."""

    world: World
    exporter: InMemorySpanExporter = field(repr=False)

    def forget(self) -> None:
        self.exporter.clear()

    def sign_in(self, user: str) -> Browser:
        """A browser where this demo user is signed in; how he did it is forgotten."""
        browser = self.world.sign_in(user)
        self.requests(2)
        self.forget()
        return browser

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        return self.exporter.get_finished_spans()

    def requests(self, number: int = 1) -> list[ReadableSpan]:
        """The spans of so many requests: one ends a moment after its answer came."""
        while len(found := [span for span in self.spans if span.kind is SpanKind.SERVER]) < number:
            time.sleep(0.002)
        assert len(found) == number, [span.name for span in found]
        return found

    def tree(self) -> Tree:
        """The one trace that there is."""
        (root,) = self.requests()
        assert {span.context.trace_id for span in self.spans} == {root.context.trace_id}
        return self._below(root)

    def _below(self, span: ReadableSpan) -> Tree:
        mine = [
            other
            for other in self.spans
            if other.parent is not None and other.parent.span_id == span.context.span_id
        ]
        mine.sort(key=lambda other: other.start_time or 0)
        return title(span), [self._below(other) for other in mine]

    def text(self) -> str:
        """All that the spans say."""
        return "\n".join(span.to_json() for span in self.spans)


def title(span: ReadableSpan) -> str:
    """Its name, and what tells it from others of that name."""
    said = said_by(span)
    named = said.get("bff.operation") or said.get("bff.cache.state")
    return f"{span.name} {named}" if named else span.name


def said_by(span: ReadableSpan) -> Mapping[str, Any]:
    return span.attributes or {}


@contextmanager
def traced(**groups: Any) -> Iterator[Traced]:
    """`groups` override settings."""
    exporter = InMemorySpanExporter()
    on = {"enabled": True} | groups.pop("tracing", {})
    with world(spans=SimpleSpanProcessor(exporter), tracing=on, **groups) as running:
        tracing = Traced(running, exporter)
        tracing.requests(1)  # the world looked whether it is there
        tracing.forget()
        yield tracing
