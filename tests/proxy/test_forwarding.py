"""What of a request reaches the platform, and what of its answer reaches the browser."""

from __future__ import annotations

import pytest

from app.testing.asks import OWN
from app.testing.world import API, API_KEY, Browser, World, world
from tests.proxy.asks import WHO
from tests.proxy.declared import undeclared_calls
from tests.proxy.wire import request_bytes, send_raw

TEAM = f"/teams/{OWN['teamId']}"
CAMPAIGNS = f"{TEAM}/meta/campaigns?adAccountId=act_1001"
CANARY = "inbound-canary"
PLATFORM_SEES = {
    "host",
    "accept",
    "accept-encoding",
    "user-agent",
    "x-api-key",
    "authorization",
    "content-type",
    "content-length",
    "connection",
}
BROWSER_SEES = {
    "age",
    "allow",
    "cache-control",
    "cache-status",
    "connection",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-resource-policy",
    "date",
    "etag",
    "referrer-policy",
    "retry-after",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-request-id",
}
INBOUND = (
    b"x-api-key: inbound-canary",
    b"X-API-KEY: inbound-canary",
    b"x_api_key: inbound-canary",
    b"Forwarded: for=inbound-canary;host=inbound-canary;proto=https",
    b"X-Forwarded-For: inbound-canary",
    b"X-Forwarded-Host: inbound-canary",
    b"X-Forwarded-Proto: inbound-canary",
    b"X-Forwarded-Prefix: /inbound-canary",
    b"X_Forwarded_Host: inbound-canary",
    b"X-Real-IP: inbound-canary",
    b"Via: 1.1 inbound-canary",
    b"TE: trailers",
    b"Trailer: inbound-canary",
    b"Keep-Alive: timeout=5",
    b"Proxy-Authorization: Basic inbound-canary",
    b"Connection: close, x-hop",
    b"X-Hop: inbound-canary",
    b"X-Original-URL: /inbound-canary",
    b"X-Rewrite-URL: /inbound-canary",
    b"X-HTTP-Method-Override: DELETE",
    b"X-External-User-Id: inbound-canary",
    b"User-Agent: inbound-canary",
    b"Accept-Language: inbound-canary",
    b"Traceparent: inbound-canary",
    b"Referer: http://inbound-canary/",
    b"Range: bytes=0-1",
)


@pytest.mark.holds(29, 34)
@pytest.mark.parametrize("header", INBOUND, ids=lambda header: header.partition(b":")[0].decode())
def test_no_inbound_header_is_forwarded(healed: World, ana: Browser, header: bytes) -> None:
    """Whatever header comes in, under any spelling, the platform sees only those that we make."""
    target = (API + CAMPAIGNS).encode()
    answer = send_raw(healed.origin, request_bytes(target, header, cookie=ana.session_cookie))
    assert answer is not None
    assert answer.status == 200
    calls = healed.calls()
    assert {call["name"] for call in calls} >= {"getCampaigns", "getTeam", "getTeamConnections"}
    for call in calls:
        assert set(call["headers"]) <= PLATFORM_SEES
        assert CANARY not in f"{call['headers']} {call['path']} {call['body']}"
        assert (call["user"], call["key"]) in {(WHO, "current"), (None, "current")}
    assert undeclared_calls(healed) == []


@pytest.mark.holds(34, 35, 43)
@pytest.mark.parametrize(
    ("target", "host"),
    [
        (API + TEAM, b"evil.example"),
        (API + TEAM, b"127.0.0.1:1"),
        (API + TEAM, b"localhost/../../x"),
        (API + TEAM, b""),
        (f"http://evil.example{API}{TEAM}", b"evil.example"),
        (f"http://evil.example{API}{TEAM}?x=http://evil.example", b"localhost"),
        (f"//evil.example{API}{TEAM}", b"localhost"),
        (f"{API}{TEAM}#@evil.example", b"localhost"),
    ],
)
def test_target_and_host_cannot_choose_where_the_platform_is(
    healed: World, ana: Browser, target: str, host: bytes
) -> None:
    """Absolute targets, fragments and foreign Host headers change neither host nor base path."""
    raw = request_bytes(target.encode(), cookie=ana.session_cookie)
    answer = send_raw(healed.origin, raw.replace(b"Host: localhost", b"Host: " + host))
    assert answer is None or answer.status < 500
    assert undeclared_calls(healed) == []


@pytest.mark.holds(32)
def test_the_key_is_in_no_address(healed: World, ana: Browser) -> None:
    """The platform's key travels in its header alone: never in a path, query or body."""
    ana.read(CAMPAIGNS)
    ana.api("PATCH", TEAM, json={"name": "Acme Brand"})
    for call in healed.calls():
        assert call["key"] == "current"
        assert API_KEY not in call["path"]
        assert API_KEY not in call["body"]


@pytest.mark.holds(30)
def test_cookies_pass_in_neither_direction(healed: World) -> None:
    """The platform's cookie reaches no browser and no later request; ours never reaches it."""
    for user in ("ben", "cleo"):
        browser = healed.sign_in(user)
        answer = browser.api("GET", CAMPAIGNS)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    calls = healed.calls()
    assert {call["user"] for call in calls} >= {"ben", "cleo"}
    assert not any("cookie" in call["headers"] for call in calls)


@pytest.mark.holds(41)
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", CAMPAIGNS, 200),
        ("GET", TEAM, 200),
        ("PATCH", TEAM, 200),
        ("GET", "/teams/team-nowhere", 404),
        ("PUT", TEAM, 405),
        ("GET", "/nowhere", 404),
    ],
)
def test_response_headers_are_an_allow_list(
    healed: World, ana: Browser, method: str, path: str, status: int
) -> None:
    """Only headers that the gateway itself decides on come back, none of the platform's."""
    body = {"name": "Acme Brand"} if method == "PATCH" else None
    answer = ana.api(method, path, json=body)
    assert answer.status_code == status
    assert set(answer.headers) <= BROWSER_SEES


@pytest.mark.holds(42)
def test_forwarded_headers_are_trusted_from_configured_proxies_only() -> None:
    """By default nobody, and never an address that is not configured, can claim to be https."""
    claim = (b"X-Forwarded-Proto: https", b"X-Forwarded-For: 203.0.113.9")
    for proxies, seen in (((), "http"), (("10.0.0.1",), "http"), (("127.0.0.1",), "https")):
        with world(public={"trusted_proxies": list(proxies)}) as running:
            schemes: list[str] = []
            _note_schemes(running, schemes)
            answer = send_raw(running.origin, request_bytes(b"/healthz", *claim))
            assert answer is not None
            assert answer.status == 200
            assert schemes == [seen]


def _note_schemes(running: World, schemes: list[str]) -> None:
    """Write down what the application takes for the scheme, inside of all middleware."""
    router = running.gateway.app.router
    inner = router.middleware_stack

    async def noting(scope, receive, send):  # type: ignore[no-untyped-def]  # plain ASGI
        if scope["type"] == "http":
            schemes.append(scope["scheme"])
        await inner(scope, receive, send)

    router.middleware_stack = noting


@pytest.mark.holds(44)
@pytest.mark.parametrize(
    "header",
    [
        {"User-Agent": "kube-probe/1.30"},
        {"User-Agent": "Googlebot"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Internal": "1"},
        {"X-Debug": "1"},
        {"X-Original-URL": "/healthz"},
        {"X-HTTP-Method-Override": "GET"},
        {"Host": "localhost"},
    ],
    ids=" ".join,
)
def test_no_header_is_an_exemption(healed: World, header: dict[str, str]) -> None:
    """No user agent and no header opens what a signed-out caller may not have."""
    answer = healed.browser().api("GET", CAMPAIGNS, headers=header)
    assert answer.status_code == 401
    assert healed.calls() == []
