"""The identity provider, as a client of it sees it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from app.sandbox.demo import PEOPLE

from .platform import GATEWAY, Platform

_VERIFIER = "v" * 64
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=")
_REQUEST = {
    "client_id": "ads-bff",
    "redirect_uri": f"{GATEWAY}/auth/callback",
    "response_type": "code",
    "scope": "openid profile email",
    "state": "the state",
    "nonce": "the nonce",
    "code_challenge": _CHALLENGE.decode(),
    "code_challenge_method": "S256",
}
_CLIENT = ("ads-bff", "sandbox-secret")


def _code(platform: Platform, user: str = "kim") -> str:
    answer = platform.http.post("/idp/authorize", data={**_REQUEST, "user": user})
    assert answer.status_code == 303
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def _redeem(platform: Platform, code: str, **change: str) -> httpx2.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _REQUEST["redirect_uri"],
        "code_verifier": _VERIFIER,
        **change,
    }
    return platform.http.post("/idp/token", data=form, auth=_CLIENT)


def _claims(platform: Platform, id_token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(platform.http.get("/idp/jwks").json())
    return jwt.decode(id_token, keys, algorithms=["ES256"]).claims


def test_discovery(readonly: Platform) -> None:
    """The discovery document names endpoints that are there, PKCE, ES256 and `iss`."""
    document = readonly.http.get("/idp/.well-known/openid-configuration").json()
    assert document["issuer"] == f"{readonly.origin}/idp"
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["id_token_signing_alg_values_supported"] == ["ES256"]
    assert document["authorization_response_iss_parameter_supported"] is True
    for name in ("authorization", "token", "end_session"):
        assert readonly.http.get(document[f"{name}_endpoint"]).status_code != 404
    key = readonly.http.get(document["jwks_uri"]).json()["keys"][0]
    assert "d" not in key
    assert {"kid", "x", "y"} <= set(key)


def test_login_page(readonly: Platform) -> None:
    """The login page offers every demo user, without a script, and keeps the request as text."""
    request = {**_REQUEST, "state": '"><script>x</script>'}
    page = readonly.http.get("/idp/authorize", params=request)
    assert page.status_code == 200
    assert all(f'name="user" value="{person.login}"' in page.text for person in PEOPLE)
    assert "<script" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {GATEWAY}" in policy


def test_signing_in(readonly: Platform) -> None:
    """A login leads back with code, state and issuer; the code buys a signed ID token."""
    answer = readonly.http.post("/idp/authorize", data={**_REQUEST, "user": "kim"})
    target = urlsplit(answer.headers["location"])
    query = {name: values[0] for name, values in parse_qs(target.query).items()}
    assert f"{target.scheme}://{target.netloc}{target.path}" == _REQUEST["redirect_uri"]
    assert (query["state"], query["iss"]) == ("the state", f"{readonly.origin}/idp")
    tokens = _redeem(readonly, query["code"])
    assert tokens.headers["cache-control"] == "no-store"
    claims = _claims(readonly, tokens.json()["id_token"])
    assert claims["iss"] == f"{readonly.origin}/idp"
    assert (claims["sub"], claims["aud"], claims["nonce"]) == ("kim", "ads-bff", "the nonce")
    assert claims["enterprises"] == ["acme", "globex"]
    assert claims["email_verified"] is True
    assert claims["sid"]
    assert claims["iat"] <= readonly.clock.now() < claims["exp"]


def test_client_secret_in_the_form(readonly: Platform) -> None:
    """A client may also send its secret in the form."""
    form = {
        "grant_type": "authorization_code",
        "code": _code(readonly),
        "redirect_uri": _REQUEST["redirect_uri"],
        "code_verifier": _VERIFIER,
        "client_id": _CLIENT[0],
        "client_secret": _CLIENT[1],
    }
    assert readonly.http.post("/idp/token", data=form).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"redirect_uri": f"{GATEWAY}/auth/other"},
        {"code": "another"},
    ],
)
def test_code_is_bound(readonly: Platform, change: dict[str, str]) -> None:
    """A code is worth nothing without its verifier and its redirect_uri, and is spent by trying."""
    code = _code(readonly)
    answer = _redeem(readonly, **{"code": code, **change})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert _redeem(readonly, code).is_success == ("code" in change)


def test_code_works_once(readonly: Platform) -> None:
    """A code works once."""
    code = _code(readonly)
    assert _redeem(readonly, code).status_code == 200
    assert _redeem(readonly, code).json()["error"] == "invalid_grant"


def test_code_expires(platform: Platform) -> None:
    """A code lives sixty seconds."""
    old, young = _code(platform), _code(platform)
    platform.clock.advance(50)
    assert _redeem(platform, young).status_code == 200
    platform.clock.advance(11)
    assert _redeem(platform, old).json()["error"] == "invalid_grant"


def test_token_endpoint_refusals(readonly: Platform) -> None:
    """A wrong client and another grant type get their registered errors."""
    form = {"grant_type": "authorization_code", "code": _code(readonly)}
    for auth in (("ads-bff", "wrong"), ("other", "sandbox-secret")):
        answer = readonly.http.post("/idp/token", data=form, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    answer = _redeem(readonly, "x", grant_type="password")
    assert answer.json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://elsewhere.example/auth/callback"},
        {"redirect_uri": f"{GATEWAY}/auth/callback/"},
        {"redirect_uri": f"{GATEWAY}.elsewhere.example/auth/callback"},
        {"client_id": "other"},
    ],
)
def test_foreign_return_addresses(readonly: Platform, change: dict[str, str]) -> None:
    """For an address or client that is not registered the browser is sent nowhere."""
    request = {**_REQUEST, **change}
    for answer in (
        readonly.http.get("/idp/authorize", params=request),
        readonly.http.post("/idp/authorize", data={**request, "user": "kim"}),
    ):
        assert (answer.status_code, answer.headers.get("location")) == (400, None)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_requests_that_are_sent_back(
    readonly: Platform, change: dict[str, str], error: str
) -> None:
    """A request without PKCE, code flow or openid, or without a page, is sent back with its error."""
    answer = readonly.http.get("/idp/authorize", params={**_REQUEST, **change})
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (answer.status_code, query["error"], query["state"]) == (302, [error], ["the state"])


@pytest.mark.parametrize("user", ["", "mallory"])
def test_nobody_chosen(readonly: Platform, user: str) -> None:
    """Cancelling, or naming somebody unknown, is a denial."""
    answer = readonly.http.post("/idp/authorize", data={**_REQUEST, "user": user})
    assert "error=access_denied" in answer.headers["location"]


def test_logging_out(platform: Platform) -> None:
    """Logout leads back to the gateway with its state, for a token that was issued to it, even late."""
    id_token = _redeem(platform, _code(platform)).json()["id_token"]
    platform.clock.advance(3_600)
    request = {"id_token_hint": id_token, "post_logout_redirect_uri": f"{GATEWAY}/", "state": "s"}
    for also in ({}, {"client_id": _CLIENT[0]}):
        answer = platform.http.get("/idp/logout", params={**request, **also})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{GATEWAY}/?state=s")
    for change in (
        {"post_logout_redirect_uri": f"{GATEWAY}.elsewhere.example/"},
        {"post_logout_redirect_uri": f"{GATEWAY}/elsewhere"},
        {"post_logout_redirect_uri": GATEWAY},
        {"id_token_hint": id_token[:-8] + "AAAAAAAA"},
        {"id_token_hint": ""},
        {"client_id": "other"},
    ):
        assert platform.http.get("/idp/logout", params={**request, **change}).status_code == 400


def test_logging_out_without_a_hint(readonly: Platform) -> None:
    """Whoever does not show a token is told goodbye, and sent nowhere."""
    back = {"post_logout_redirect_uri": f"{GATEWAY}/", "client_id": _CLIENT[0]}
    for request in ({}, back):
        answer = readonly.http.get("/idp/logout", params=request)
        assert (answer.status_code, answer.headers.get("location")) == (200, None)
