"""Faults on demand do what they say, and no more often than they should."""

from __future__ import annotations

import socket
import time
from typing import Any

import httpx2
import pytest

from .platform import KEY, Platform, refused

_TEAM = "/team/team-acme-brand"
_NAME = {"name": "Renamed"}


def _arrange(platform: Platform, kind: str, **more: Any) -> None:
    order = {"operation": "getTeam", "kind": kind, **more}
    assert platform.order("/faults", **order).status_code == 204


@pytest.mark.parametrize("operation", ["getTeam", "13", 13, "*"])
def test_naming_the_operation(platform: Platform, operation: str | int) -> None:
    """A fault strikes the operation of that name or number, or any, as often as it says."""
    _arrange(platform, "status", operation=operation, status=503, times=2)
    statuses = [platform.call("GET", _TEAM, bearer="x").status_code for _ in range(3)]
    assert statuses == [503, 503, 403]


def test_others_are_spared(platform: Platform) -> None:
    """Other operations never notice, and clearing ends a fault that was for good."""
    _arrange(platform, "status", times=None)
    assert platform.call("GET", "/workspace/acme", "ana").status_code == 200
    for _ in range(3):
        refused(platform.call("GET", _TEAM, "ben"), 500, "INTERNAL_ERROR")
    assert platform.http.delete("/_sandbox/faults").status_code == 204
    assert platform.call("GET", _TEAM, "ben").status_code == 200


def test_rate_limit(platform: Platform) -> None:
    """A rate limit says when to come back."""
    _arrange(platform, "rate-limit", retryAfter=7)
    answer = platform.call("GET", _TEAM, "ben")
    refused(answer, 429, "TOO_MANY_REQUESTS")
    assert answer.headers["retry-after"] == "7"


def test_dead_credentials(platform: Platform) -> None:
    """A dead token and a revoked key look as they do when they are real."""
    _arrange(platform, "token-expired")
    _arrange(platform, "key-revoked")
    refused(platform.call("GET", _TEAM, "ben"), 403, "FORBIDDEN")
    refused(platform.call("GET", _TEAM, "ben"), 401, "UNAUTHORIZED")
    assert platform.call("GET", _TEAM, "ben").status_code == 200


def test_bad_bodies(platform: Platform) -> None:
    """Garbage is not JSON, a wrong type is HTML, an unsuccessful success says so, text is ours."""
    _arrange(platform, "garbage")
    with pytest.raises(ValueError, match="Expecting"):
        platform.call("GET", _TEAM, "ben").json()
    _arrange(platform, "content-type")
    answer = platform.call("GET", _TEAM, "ben")
    assert answer.headers["content-type"].startswith("text/html")
    _arrange(platform, "unsuccessful")
    answer = platform.call("GET", _TEAM, "ben")
    assert (answer.status_code, answer.json()["success"]) == (200, False)
    _arrange(platform, "garbage", body='{"a":1e400}', status=201)
    answer = platform.call("GET", _TEAM, "ben")
    assert (answer.status_code, answer.text) == (201, '{"a":1e400}')


@pytest.mark.parametrize("body", [None, '{"success":tr'])
def test_reset(platform: Platform, body: str | None) -> None:
    """A reset cuts the connection, before the first byte or in the middle of the answer."""
    platform.pair("ben")
    _arrange(platform, "reset", body=body)
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        platform.call("GET", _TEAM, "ben")
    assert platform.sandbox.calls.list(13)[-1].status == 0
    assert platform.call("GET", _TEAM, "ben").status_code == 200


@pytest.mark.parametrize("body", ["", "{"])
def test_reset_on_the_wire(platform: Platform, body: str) -> None:
    """What is seen on the wire is as much of an answer as was asked for, then a reset."""
    _arrange(platform, "reset", body=body)
    with socket.create_connection(("127.0.0.1", platform.http.base_url.port or 0)) as wire:
        wire.sendall(f"GET /api/v1{_TEAM} HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\n\r\n".encode())
        seen = bytearray()
        with pytest.raises(ConnectionResetError):
            _receive_all(wire, seen)
    # A reset may overtake what was sent just before it.
    assert not seen or (body and seen.startswith(b"HTTP/1.1 200") and seen.endswith(b"{"))


def _receive_all(wire: socket.socket, seen: bytearray) -> None:
    while received := wire.recv(4_096):
        seen += received


@pytest.mark.parametrize("kind", ["reset", "status"])
def test_after_the_effect(platform: Platform, kind: str) -> None:
    """With `afterEffect` the change is made although its answer is lost; without, it is not."""
    platform.pair("ben")
    for after_effect, expected in ((False, "Acme Brand"), (True, "Renamed")):
        _arrange(platform, kind, operation="updateTeamName", afterEffect=after_effect)
        try:
            answer = platform.call("PATCH", _TEAM, "ben", json=_NAME)
            assert (kind, answer.status_code) == ("status", 500)
        except (httpx2.ReadError, httpx2.RemoteProtocolError):
            assert kind == "reset"
        assert platform.data("GET", _TEAM, "ben")["name"] == expected


def test_latency(platform: Platform) -> None:
    """A slow answer is a true one; with `afterEffect` its change is made before the wait."""
    platform.pair("ben")
    _arrange(platform, "latency", seconds=0.1)
    began = time.monotonic()
    assert platform.data("GET", _TEAM, "ben")["name"] == "Acme Brand"
    assert time.monotonic() - began >= 0.1
    _arrange(platform, "latency", operation="updateTeamName", seconds=0.5, afterEffect=True)
    with pytest.raises(httpx2.ReadTimeout):
        platform.http.patch(
            f"/api/v1{_TEAM}",
            json=_NAME,
            timeout=0.1,
            headers={
                "x-api-key": KEY,
                "authorization": f"Bearer {platform.pair('ben')['accessToken']}",
            },
        )
    assert platform.data("GET", _TEAM, "ben")["name"] == "Renamed"


def test_drip(platform: Platform) -> None:
    """A drip is the true answer, spread over its time."""
    whole = platform.data("GET", _TEAM, "ben")
    _arrange(platform, "drip", seconds=0.2)
    began = time.monotonic()
    assert platform.data("GET", _TEAM, "ben") == whole
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize(
    "order",
    [
        {"operation": "noSuchThing", "kind": "status"},
        {"operation": 99, "kind": "status"},
        {"operation": "*", "kind": "earthquake"},
        {"operation": "*", "kind": "status", "times": 0},
        {"operation": "*", "kind": "status", "unknown": 1},
        {"kind": "status"},
    ],
)
def test_bad_orders(readonly: Platform, order: dict[str, Any]) -> None:
    """An order that cannot be understood is refused, and arranges nothing."""
    assert readonly.order("/faults", **order).status_code == 422
    assert readonly.call("GET", _TEAM, "ben").status_code == 200
