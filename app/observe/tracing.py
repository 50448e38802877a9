"""Traces: a span for every request that takes the long way, and below it one for each of its steps.

The spans are made here and not by the framework: it sees neither declared operations nor recalled
answers, and says the query of an address, where codes stand. What a span may say is the list
`Attribute`. docs/tracing.md describes all of it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import (
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    get_current_span,
    set_span_in_context,
    use_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import Scope

from app.errors import Problem
from app.observe.current import Request
from app.observe.trail import Attribute, Said, Step, Trail
from app.settings import SettingsFault, TracingSettings

NAME = "ads-bff"
TRACEPARENT = "traceparent"
# Other methods are nobody's word but the caller's (OpenTelemetry, HTTP spans).
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "_OTHER"
# Seconds that a stopping gateway waits for what is not exported yet.
LAST = 3.0
TICK = 0.02
UNUSABLE = (
    "BFF_TRACING__ENABLED: one of the OTEL_* variables holds what the exporter cannot use; see "
    "docs/tracing.md, or take the setting away."
)
_CONTEXT = TraceContextTextMapPropagator()
# Whatever request comes, its trace begins here.
_NOWHERE = Context()


class Tracing:
    """Traces requests. `processor` takes the spans; `proxies` are the networks of those whose
    `traceparent` is continued."""

    def __init__(self, processor: SpanProcessor, version: str, proxies: Sequence[str] = ()) -> None:
        mine = Resource({"service.name": NAME, "service.version": version})
        # What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say comes last; nothing else is looked up.
        resource = mine.merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(NAME, version)
        self._proxies = [ipaddress.ip_network(proxy, strict=False) for proxy in proxies]

    @contextmanager
    def serving(self, scope: Scope, request: Request) -> Iterator[RequestSpan]:
        """The span of a request, while inside. One that is not sampled leaves no trail either."""
        method = scope["method"] if scope["method"] in METHODS else OTHER
        span = self._tracer.start_span(
            "HTTP" if method == OTHER else method,
            context=self._parent(scope),
            kind=SpanKind.SERVER,
            attributes={Attribute.METHOD: method},
        )
        with _open(span):
            if span.is_recording():
                request.trace_id = f"{span.get_span_context().trace_id:032x}"
                request.trail = Trail(request, _Steps(self._tracer))
            yield RequestSpan(span, method)

    def _parent(self, scope: Scope) -> Context:
        """Where the trace goes on; a browser must not say which of its requests are kept."""
        given = [value for name, value in scope["headers"] if name == TRACEPARENT.encode()]
        if len(given) != 1 or not self._is_trusted(scope.get("client")):
            return _NOWHERE
        # Alone: neither tracestate nor baggage is read.
        return _CONTEXT.extract({TRACEPARENT: given[0].decode("latin-1")}, context=_NOWHERE)

    def _is_trusted(self, client: Any) -> bool:
        """Whether the connection comes from one of the proxies, None being no address at all."""
        if not self._proxies or client is None:
            return False
        try:
            address = ipaddress.ip_address(client[0])
        except ValueError:
            return False
        return any(address in network for network in self._proxies)

    async def close(self) -> None:
        """Export what is left, as long as the collector takes it without delay."""
        # A thread that nobody waits for: an exporter that hangs must not hold up the end.
        leaving = threading.Thread(target=self._provider.shutdown, daemon=True)
        leaving.start()
        loop = asyncio.get_running_loop()
        until = loop.time() + LAST
        while leaving.is_alive() and loop.time() < until:  # noqa: ASYNC110  # a thread sets no event
            await asyncio.sleep(TICK)


class RequestSpan:
    """The span of one request. It is named by the template of its route, which is known at its end."""

    def __init__(self, span: Span, method: str) -> None:
        self._span = span
        self._method = method

    def ended(self, scheme: str, route: str | None, status: int, problem: Problem | None) -> None:
        """`status` is what was answered; `problem` why, where it is an error."""
        self._span.set_attributes({Attribute.SCHEME: scheme, Attribute.STATUS: status})
        if route is not None:
            self._span.update_name(f"{self._method} {route}")
            self._span.set_attribute(Attribute.ROUTE, route)
        if problem is not None:
            self._span.set_attribute(Attribute.ERROR, problem.code)
        if status >= 500:
            self._span.set_status(StatusCode.ERROR)


class _Steps:
    """The spans below that of a request; which one is open is known to the context of the task."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    @contextmanager
    def step(self, step: Step) -> Iterator[None]:
        kind = SpanKind.CLIENT if step is Step.UPSTREAM else SpanKind.INTERNAL
        span = self._tracer.start_span(step.value, kind=kind)
        with _open(span):
            try:
                yield
            except Exception as error:
                _fail(span, error)
                raise

    def say(self, said: Said) -> None:
        for attribute, value in said.items():
            get_current_span().set_attribute(attribute, value)


def _open(span: Span) -> AbstractContextManager[Span]:
    """Ended afterwards. Errors are not recorded: their texts may hold anything."""
    return use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False)


def _fail(span: Span, error: Exception) -> None:
    """A refusal is an answer, and no error of the step."""
    expected = isinstance(error, Problem) and error.status < 500
    kind = error.code if isinstance(error, Problem) else type(error).__name__
    span.set_attribute(Attribute.ERROR, kind)
    if not expected:
        span.set_status(StatusCode.ERROR)


def traceparent() -> str | None:
    """The header that lets the receiver's spans go below the innermost one here, if that is kept."""
    span = get_current_span()
    if not span.is_recording():
        return None
    carrier: dict[str, str] = {}
    _CONTEXT.inject(carrier, context=set_span_in_context(span))
    return carrier.get(TRACEPARENT)


def tracing_of(
    settings: TracingSettings,
    proxies: Sequence[str],
    version: str,
    processor: SpanProcessor | None,
) -> Tracing | None:
    """None where it is off. Without a processor of its own it exports by OTLP. Raises SettingsFault."""
    if not settings.enabled:
        return None
    trusted = proxies if settings.trust_parent else ()
    return Tracing(processor or _exporting(), version, trusted)


def _exporting() -> SpanProcessor:
    """In batches, from a thread of its own; where the collector does not take them they are dropped."""
    # Only who exports pays for the exporter: with what it needs it is a tenth of a start.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    try:
        return BatchSpanProcessor(OTLPSpanExporter())
    except (OSError, ValueError):
        raise SettingsFault([UNUSABLE]) from None
