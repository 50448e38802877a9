"""Keys and tokens: who gets in, and for how long."""

from __future__ import annotations

import pytest

from .platform import KEY, PREVIOUS_KEY, Platform, claims_of, refused


def test_exchange(readonly: Platform) -> None:
    """The key alone buys a pair of JWTs, an hour and a day long, for a user known or new."""
    answer = readonly.call("POST", "/auth/token", json={"externalUserId": "someone-new"})
    body = answer.json()
    assert (answer.status_code, body["success"], body["statusCode"]) == (201, True, 201)
    assert set(body) == {"success", "data", "message", "timestamp", "statusCode"}
    access, refresh = (claims_of(body["data"][one]) for one in ("accessToken", "refreshToken"))
    assert set(access) == {"sub", "iat", "exp", "typ", "jti"}
    assert (access["sub"], access["typ"], refresh["typ"]) == ("someone-new", "access", "refresh")
    assert access["exp"] - access["iat"] == 3_600
    assert refresh["exp"] - refresh["iat"] == 86_400


@pytest.mark.parametrize("body", [{}, {"externalUserId": ""}, {"externalUserId": 7}, ["x"]])
def test_exchange_needs_a_user(readonly: Platform, body: object) -> None:
    """A body without a usable externalUserId is a validation error with its details."""
    error = refused(readonly.call("POST", "/auth/token", json=body), 400, "BAD_REQUEST")
    assert error["message"] == "Validation failed"
    assert any("externalUserId" in detail for detail in error["details"])


def test_body_that_is_not_json(readonly: Platform) -> None:
    """Broken JSON is a bad request, not a crash."""
    headers = {"x-api-key": KEY, "content-type": "application/json"}
    answer = readonly.http.post("/api/v1/auth/token", content=b"{", headers=headers)
    refused(answer, 400, "BAD_REQUEST")


@pytest.mark.parametrize("key", [None, "another"])
def test_wrong_key(readonly: Platform, key: str | None) -> None:
    """Without the tenant's key nothing answers, whatever the token."""
    refused(readonly.call("GET", "/workspace/acme", "ana", key=key), 401, "UNAUTHORIZED")


def test_two_keys(readonly: Platform) -> None:
    """The previous key works beside the current one."""
    for key in (KEY, PREVIOUS_KEY):
        assert readonly.call("GET", "/workspace/acme", "ana", key=key).status_code == 200


def test_refresh(platform: Platform) -> None:
    """The refresh token buys a new access token and nothing else, until its day is over."""
    refresh = platform.pair("ana")["refreshToken"]
    platform.clock.advance(86_390)
    answer = platform.call("GET", "/auth/refresh", bearer=refresh)
    assert set(answer.json()["data"]) == {"accessToken"}
    fresh = answer.json()["data"]["accessToken"]
    assert platform.call("GET", "/workspace/acme", bearer=fresh).status_code == 200
    platform.clock.advance(20)
    refused(platform.call("GET", "/auth/refresh", bearer=refresh), 401, "UNAUTHORIZED")


def test_token_kinds_do_not_mix(readonly: Platform) -> None:
    """An access token refreshes nothing and a refresh token opens nothing."""
    pair = readonly.pair("ana")
    access, refresh = pair["accessToken"], pair["refreshToken"]
    refused(readonly.call("GET", "/auth/refresh", bearer=access), 401, "UNAUTHORIZED")
    refused(readonly.call("GET", "/workspace/acme", bearer=refresh), 403, "FORBIDDEN")


def test_access_token_expires(platform: Platform) -> None:
    """An access token works for an hour by the sandbox's clock."""
    assert platform.call("GET", "/workspace/acme", "ana").status_code == 200
    platform.clock.advance(3_601)
    refused(platform.call("GET", "/workspace/acme", "ana"), 403, "FORBIDDEN")


@pytest.mark.parametrize("bearer", [None, "x", "a.b.c", "é"])
def test_bad_bearer(readonly: Platform, bearer: str | None) -> None:
    """A missing or foreign bearer token is forbidden, and not unauthorized, as documented."""
    headers = [(b"x-api-key", KEY.encode())]
    if bearer is not None:
        headers.append((b"authorization", b"Bearer " + bearer.encode("latin-1")))
    refused(readonly.http.get("/api/v1/workspace/acme", headers=headers), 403, "FORBIDDEN")


def test_ending_tokens(platform: Platform) -> None:
    """Tokens can be ended on demand, for one user or for all; new ones work."""
    ana, ben = platform.pair("ana"), platform.pair("ben")
    assert platform.order("/tokens/expire", user="ana").status_code == 204
    refused(platform.call("GET", "/workspace/acme", "ana"), 403, "FORBIDDEN")
    assert platform.call("GET", "/workspace/acme", "ben").status_code == 200
    assert platform.call("GET", "/auth/refresh", bearer=ana["refreshToken"]).status_code == 200
    assert platform.order("/tokens/revoke").status_code == 204
    for pair in (ana, ben):
        dead = platform.call("GET", "/auth/refresh", bearer=pair["refreshToken"])
        refused(dead, 401, "UNAUTHORIZED")
    renewed = platform.call("POST", "/auth/token", json={"externalUserId": "ana"}).json()["data"]
    assert platform.call("GET", "/workspace/acme", bearer=renewed["accessToken"]).status_code == 200


def test_unknown_path(readonly: Platform) -> None:
    """A path or method that the platform does not have is its own 404."""
    refused(readonly.call("GET", "/nothing/here", "ana"), 404, "NOT_FOUND")
    refused(readonly.call("PUT", "/workspace/acme", "ana"), 404, "NOT_FOUND")


def test_answers_carry_what_must_not_pass(readonly: Platform) -> None:
    """Every answer sets a cookie and names its server, for a gateway to hold back."""
    answer = readonly.call("GET", "/workspace/acme", "ana")
    assert {"set-cookie", "x-powered-by"} <= set(answer.headers)
