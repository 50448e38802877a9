"""Spans on their way out: OTLP over HTTP to a collector, which may as well not be there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.testing.world import world
from tests.cache.reads import CAMPAIGNS
from tests.ports import free_port


class Collector:
    """What was sent to it, by path."""

    def __init__(self) -> None:
        self.received: list[tuple[str, ExportTraceServiceRequest]] = []

    @property
    def names(self) -> list[str]:
        return [
            span.name
            for _, request in self.received
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def services(self) -> set[str]:
        return {
            attribute.value.string_value
            for _, request in self.received
            for resource in request.resource_spans
            for attribute in resource.resource.attributes
            if attribute.key == "service.name"
        }


@contextmanager
def collecting() -> Iterator[tuple[str, Collector]]:
    """A collector and its address."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = ExportTraceServiceRequest.FromString(body)
            collector.received.append((self.path, request))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_is_not_exported_yet_leaves_with_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard variables say where to and as whom; the end waits for what is left."""
    with collecting() as (address, collector):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        monkeypatch.setenv("OTEL_SERVICE_NAME", "ads")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000")
        with world(tracing={"enabled": True}) as running:
            assert running.sign_in("ben").api("GET", CAMPAIGNS).status_code == 200
            assert collector.received == []
        assert {path for path, _ in collector.received} == {"/v1/traces"}
        assert {"access", "cache", "token", "upstream"} < set(collector.names)
        assert collector.services == {"ads"}


@pytest.mark.parametrize("kind", ["refuses", "hangs"])
def test_a_collector_that_is_away_harms_nothing(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Everything is answered, and the gateway ends."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1] if kind == "hangs" else free_port()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
        with world(tracing={"enabled": True}) as running:
            ben = running.sign_in("ben")
            for _ in range(5):
                assert ben.api("GET", CAMPAIGNS).status_code == 200


def test_without_tracing_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard variables alone, which a cluster may set for everybody, switch nothing on."""
    with collecting() as (address, collector):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        with world() as running:
            assert running.sign_in("ben").api("GET", CAMPAIGNS).status_code == 200
            assert running.parts.tracing is None
        assert collector.received == []
