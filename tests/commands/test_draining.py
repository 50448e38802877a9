"""A gateway that is told to stop sends everybody elsewhere before it listens no more."""

from __future__ import annotations

import re
import signal
import socket
import threading
from pathlib import Path

import pytest

from app import serving as server
from app.settings import Environment, Settings, UpstreamSettings
from app.testing.world import API, Browser, world
from tests.commands.running import serving
from tests.dashboard.asks import ACCOUNT, PATH, Stream

TEAM = "/teams/team-acme-brand"
WEEK = {"adAccountId": ACCOUNT, "startDate": "2026-01-01", "endDate": "2026-01-07"}
DRAINING = Path(__file__).parents[2] / "docs" / "draining.md"


@pytest.mark.holds(91)
def test_a_signal_sends_everybody_elsewhere(tmp_path: Path) -> None:
    """Readiness says no and streams end; all else is served, on connections that are not kept. A second
    signal ends the waiting."""
    with (
        serving("serve", cwd=tmp_path, settings={"BFF_DRAIN__WAIT_SECONDS": "300"}) as running,
        Browser(running.origin) as ben,
    ):
        ben.sign_in("ben")
        ready = ben.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ok"})
        assert "connection" not in ready.headers
        with ben.stream("GET", f"{API}{PATH}/stream", params=WEEK) as answer:
            stream = Stream(answer)
            stream.ready()
            running.process.send_signal(signal.SIGTERM)
            assert stream.rest()[-1] == ("bye", {"reason": "drain", "problem": None})
        ready = ben.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, {"status": "draining"})
        served = [
            ben.get("/healthz"),
            ben.api("GET", TEAM),
            ben.api("PATCH", TEAM, json={"name": "Acme"}),
            ben.head("/auth/session"),
        ]
        assert [one.status_code for one in served] == [200] * 4
        for method in ("GET", "HEAD"):
            refused = ben.api(method, f"{PATH}/stream", params=WEEK)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert method == "HEAD" or refused.json()["code"] == "draining"
            served.append(refused)
        assert {one.headers["connection"] for one in [ready, *served]} == {"close"}
        assert running.end(signal.SIGTERM) == 0
        assert "Traceback" not in running.said


@pytest.mark.holds(91)
def test_who_connected_at_the_last_moment_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request may still be on its way when nobody can connect any more."""
    monkeypatch.setattr(server, "LAST", 60.0)
    with world(drain={"wait_seconds": 0.01}) as running:
        place = ("127.0.0.1", int(running.origin.rpartition(":")[2]))
        with socket.create_connection(place) as client:
            stopping = threading.Thread(target=running.gateway.stop)
            stopping.start()
            while _listens(place):
                pass
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            said = client.makefile("rb").read()
        assert said.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nconnection: close\r\n" in said
        stopping.join(10)
        assert not stopping.is_alive()


def _listens(place: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(place):
            return True
    except ConnectionError:
        return False


@pytest.mark.holds(91)
@pytest.mark.parametrize("deadline", [1.0, 30.0, 299.5])
def test_a_write_has_the_time_that_it_may_take(deadline: float) -> None:
    """What is being answered is not cut off before its own deadline."""
    upstream = UpstreamSettings(write_deadline=deadline)
    assert server.finishing(upstream) >= deadline + upstream.read_deadline


def test_the_documented_time_is_enough() -> None:
    """Whoever kills it after the documented seconds kills nothing that still works."""
    text = DRAINING.read_text("utf-8")
    documented = set(
        re.findall(r"(?:terminationGracePeriodSeconds: |--time |TimeoutStopSec=)(\d+)", text)
    )
    settings = Settings(env=Environment.PRODUCTION)
    needed = settings.drain_seconds + server.LAST + server.finishing(settings.upstream)
    assert documented == {str(round(needed - server.LAST + 5))}
