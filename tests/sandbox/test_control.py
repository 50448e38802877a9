"""The call log, the other controls, and the server itself."""

from __future__ import annotations

import pytest

from app.clock import MovableClock
from app.sandbox.operations import ADDRESSES
from app.sandbox.provider import HANDLERS
from app.sandbox.server import SandboxServer
from app.sandbox.state import SandboxOptions

from .platform import GATEWAY, KEY, PREVIOUS_KEY, Platform


def test_call_log(platform: Platform) -> None:
    """The log shows a call as it stood on the wire, its secrets masked."""
    token = platform.pair("ben")["accessToken"]
    platform.http.get(
        "/api/v1/team/team%2Dacme-brand?a=%2F&a=2",
        headers={"X-Api-Key": KEY, "Authorization": f"Bearer {token}", "X-Other": "seen"},
    )
    calls = platform.http.get("/_sandbox/calls", params={"operation": "getTeam"}).json()
    assert len(calls) == 1
    call = calls[0]
    assert (call["n"], call["name"], call["method"]) == (13, "getTeam", "GET")
    assert call["path"] == "/api/v1/team/team%2Dacme-brand?a=%2F&a=2"
    assert (call["user"], call["key"], call["bearer"], call["status"]) == (
        "ben",
        "current",
        "access",
        200,
    )
    assert (call["headers"]["x-api-key"], call["headers"]["authorization"]) == ("***", "***")
    assert call["headers"]["x-other"] == "seen"
    assert call["at"] <= platform.clock.now()
    assert KEY not in str(calls)
    assert token not in str(calls)


def test_call_log_tells_credentials_apart(platform: Platform) -> None:
    """The log tells which key and which kind of token came along, and for whom."""
    pair = platform.pair("ben")
    platform.http.delete("/_sandbox/calls")
    for key, bearer in (
        (None, None),
        ("another", "rubbish"),
        (PREVIOUS_KEY, pair["refreshToken"]),
    ):
        platform.call("GET", "/workspace/acme", key=key, bearer=bearer)
    platform.sandbox.tokens.expire("ben")
    platform.call("GET", "/workspace/acme", bearer=pair["accessToken"])
    seen = [(call.key, call.bearer, call.user) for call in platform.sandbox.calls.list(4)]
    assert seen == [
        ("missing", "none", None),
        ("wrong", "bad", None),
        ("previous", "refresh", "ben"),
        ("current", "bad", "ben"),
    ]


def test_call_log_keeps_strays_and_bodies(platform: Platform) -> None:
    """A path that the platform does not have is logged without a number; bodies are kept."""
    platform.call("POST", "/nowhere", json={"a": 1})
    stray = platform.http.get("/_sandbox/calls").json()[-1]
    assert (stray["n"], stray["status"], stray["body"]) == (None, 404, '{"a":1}')
    assert platform.http.delete("/_sandbox/calls").status_code == 204
    assert platform.http.get("/_sandbox/calls").json() == []


@pytest.mark.parametrize("path", ["faults", "clock", "switches", "tokens/expire", "tokens/revoke"])
def test_controls_need_json(readonly: Platform, path: str) -> None:
    """A page of another origin, which can send only simple content types, changes nothing."""
    order = b'{"advance": 1}'
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
        headers = {"content-type": content_type}
        answer = readonly.http.post(f"/_sandbox/{path}", content=order, headers=headers)
        assert answer.status_code == 415


def test_clock(platform: Platform) -> None:
    """The clock moves forward on demand, never back."""
    before = platform.clock.now()
    assert platform.order("/clock", advance=3_600).json()["now"] >= before + 3_600
    assert platform.order("/clock", advance=-1).status_code == 422


def test_front_page(readonly: Platform) -> None:
    """The front page says what this is and who may sign in."""
    page = readonly.http.get("/")
    assert "stand-in" in page.text
    assert "kim" in page.text
    assert readonly.http.get("/sandbox.css").headers["content-type"].startswith("text/css")


def test_every_operation_is_carried_out() -> None:
    """Each published operation has its handler, and there are no others."""
    assert set(HANDLERS) == {address.number for address in ADDRESSES}


def test_taken_port(readonly: Platform) -> None:
    """A taken port is an error at once; so is an address that others could reach."""
    options = SandboxOptions("", GATEWAY, KEY)
    taken = readonly.http.base_url.port or 0
    with pytest.raises(OSError, match="in use"):
        SandboxServer(options, MovableClock(), port=taken)
    with pytest.raises(ValueError, match="loopback"):
        SandboxServer(options, MovableClock(), host="0.0.0.0", port=0)
