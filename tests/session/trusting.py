"""A gateway that trusts host tokens, and how to ask it."""

from __future__ import annotations

from typing import Any

import httpx2
from pydantic import SecretStr

from app.clock import MovableClock
from app.session.claims import ClaimRules
from app.settings import JwtSettings

from .host_tokens import (
    AUDIENCE,
    EC_KEY,
    ISSUER,
    RSA_KEY,
    SECRET,
    claims,
    private_pem,
    public_pem,
    raw_token,
    token,
)

CLOCK = MovableClock()
RULES = ClaimRules("sub", "enterprises")
HS256 = {"alg": "HS256", "typ": "JWT"}


def jwt_settings(**changes: Any) -> JwtSettings:
    fields = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": ("HS256",)}
    return JwtSettings(**{**fields, "secret": SecretStr(SECRET), "cookie": "host", **changes})


def ask(http: httpx2.Client, bearer: str | bytes) -> httpx2.Response:
    value = bearer if isinstance(bearer, bytes) else bearer.encode("latin-1")
    return http.get("/auth/session", headers=[(b"Authorization", b"Bearer " + value)])


def now() -> float:
    return CLOCK.now()


def bad_tokens() -> dict[str, str]:
    """Everything that must be refused, by what is wrong with it."""
    time = int(now())
    good = claims(time)
    deep = "[" * 1500 + "]" * 1500
    payloads = {
        **{f"no {name}": claims(time, **{name: None}) for name in ("iss", "aud", "exp", "nbf", "iat", "sub")},
        "expired": claims(time, iat=time - 900, nbf=time - 900, exp=time - 121),
        "not yet": claims(time, nbf=time + 130),
        "issued in the future": claims(time, iat=time + 130),
        "too long a life": claims(time, exp=time + 3601),
        "foreign issuer": claims(time, iss="https://evil.example"),
        "issuer list": claims(time, iss=[ISSUER]),
        "foreign audience": claims(time, aud="other"),
        "empty audience": claims(time, aud=[]),
        "audience of numbers": claims(time, aud=[AUDIENCE, 1]),
        "audience object": claims(time, aud={AUDIENCE: 1}),
        "sub number": claims(time, sub=7),
        "sub empty": claims(time, sub=""),
        "sub dots": claims(time, sub=".."),
        "sub slash": claims(time, sub="a/b"),
        "sub control": claims(time, sub="a\nb"),
        "sub long": claims(time, sub="a" * 257),
        "exp text": claims(time, exp=str(time + 600)),
        "exp true": claims(time, exp=True),
        "exp fraction": claims(time, exp=time + 600.5),
        "exp list": claims(time, exp=[time + 600]),
        "iat text": claims(time, iat=str(time)),
        "nbf true": claims(time, nbf=True),
        "nbf object": claims(time, nbf={}),
        "exp infinite": claims(time, exp=float("inf")),
        "exp nan": claims(time, exp=float("nan")),
        "exp huge": claims(time, exp=10**400),
        "enterprises number": claims(time, enterprises=7),
        "enterprises mixed": claims(time, enterprises=["acme", 7]),
        "enterprises object": claims(time, enterprises={"acme": 1}),
    }  # fmt: skip
    headers: dict[str, dict[str, Any]] = {
        "alg none": {"alg": "none"},
        "alg None": {"alg": "None"},
        "alg list": {"alg": ["HS256"]},
        "alg object": {"alg": {"HS256": 1}},
        "alg missing": {"typ": "JWT"},
        "alg hs512": {"alg": "HS512"},
        "alg rs256": {"alg": "RS256"},
        "crit": {**HS256, "crit": ["exp"]},
        "crit empty": {**HS256, "crit": []},
        "b64": {**HS256, "b64": False},
        "kid object": {**HS256, "kid": {"a": 1}},
        "kid list": {**HS256, "kid": []},
        "kid number": {**HS256, "kid": 1},
        "kid long": {**HS256, "kid": "a" * 257},
        "typ": {**HS256, "typ": "JWE"},
        "logout token": {**HS256, "typ": "logout+jwt"},
        "typ number": {**HS256, "typ": 1},
    }
    texts = {
        "payload list": "[]",
        "payload text": '"x"',
        "payload null": "null",
        "payload broken": "{",
        "payload deep": '{"a":' + deep + "}",
        "payload digits": '{"exp":' + "9" * 4400 + "}",
    }
    whole = token(good)
    head, body, signature = whole.split(".")
    return {
        **{name: raw_token(HS256, payload) for name, payload in payloads.items()},
        **{name: raw_token(header, good) for name, header in headers.items()},
        **{name: raw_token(HS256, text) for name, text in texts.items()},
        "header list": raw_token([], good),
        "header broken": raw_token("{", good),
        "header deep": raw_token('{"alg":"HS256","a":' + deep + "}", good),
        "unsigned": f"{raw_token({'alg': 'none'}, good).rpartition('.')[0]}.",
        "no signature": f"{head}.{body}.",
        "cut": whole[:-4],
        "other secret": token(good, key="another secret, which nobody shares here"),
        "empty secret": raw_token(HS256, good, b""),
        "public key as secret": raw_token(HS256, good, public_pem(RSA_KEY).encode()),
        "rs256": token(good, private_pem(RSA_KEY), "RS256"),
        "es256": token(good, private_pem(EC_KEY), "ES256"),
        "another's payload": f"{head}.{raw_token(HS256, claims(time, sub='ana')).split('.')[1]}.{signature}",
        "long": raw_token(HS256, claims(time, pad="a" * 8192)),
        "two parts": f"{head}.{body}",
        "four parts": f"{whole}.x",
        "jwe": "a.b.c.d.e",
        "dots": "..",
        "session id": "A" * 43,
    }  # fmt: skip
