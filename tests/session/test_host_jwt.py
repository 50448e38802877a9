"""Host tokens over HTTP: the good ones sign in, and every bad one is the same 401."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from app.clock import MovableClock
from app.errors import Unauthenticated
from app.session.claims import ClaimRules
from app.session.host_jwt import HostTokens
from app.settings import IdentitySettings, JwtSettings

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
from .loopback_server import Stage
from .small_gateway import SmallGateway

CLOCK = MovableClock()
RULES = ClaimRules("sub", "enterprises")
HS256 = {"alg": "HS256", "typ": "JWT"}


def jwt_settings(**changes: Any) -> JwtSettings:
    fields = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": ("HS256",)}
    return JwtSettings(**{**fields, "secret": SecretStr(SECRET), "cookie": "host", **changes})


@pytest.fixture
def http(gateway_stage: Stage) -> Iterator[httpx2.Client]:
    """A client of a gateway that trusts HS256 tokens."""
    gateway = SmallGateway(gateway_stage.origin, gateway_stage.fetch, CLOCK, jwt=jwt_settings())
    gateway_stage.app = gateway.app()
    with httpx2.Client(base_url=gateway.origin, trust_env=False) as client:
        yield client


def ask(http: httpx2.Client, bearer: str | bytes) -> httpx2.Response:
    value = bearer if isinstance(bearer, bytes) else bearer.encode("latin-1")
    return http.get("/auth/session", headers=[(b"Authorization", b"Bearer " + value)])


def now() -> float:
    return CLOCK.now()


def test_a_good_token_signs_in(http: httpx2.Client) -> None:
    """The token's user is the caller; CSRF headers are not asked for, since no browser adds it."""
    answer = ask(http, token(claims(now())))
    assert answer.json() == {
        "user": "cleo",
        "name": "Cleo",
        "enterprises": ["acme"],
        "via": "host-jwt",
        "idleSecondsLeft": None,
        "absoluteSecondsLeft": pytest.approx(600, abs=3),
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "header", [{"typ": "at+jwt"}, {"typ": "application/at+jwt"}, {"kid": "any"}, {"jku": "https://evil.example"}]
)  # fmt: skip
def test_harmless_headers(http: httpx2.Client, header: dict[str, Any]) -> None:
    """The types of RFC 9068 are fine, a key id is a hint, and addresses of keys are not followed."""
    assert ask(http, token(claims(now()), **header)).status_code == 200


def test_a_token_without_a_type_is_fine(http: httpx2.Client) -> None:
    """`typ` is optional, and `aud` may be a list that names us."""
    payload = claims(now(), aud=["other", AUDIENCE])
    assert ask(http, raw_token({"alg": "HS256"}, payload)).status_code == 200


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


@pytest.mark.holds(33)
def test_bad_tokens_look_alike(http: httpx2.Client) -> None:
    """Each of them is a 401, all with one body and one challenge that do not tell them apart."""
    answers = {name: ask(http, bad) for name, bad in bad_tokens().items()}
    assert {name for name, one in answers.items() if one.status_code != 401} == set()
    assert {one.text for one in answers.values()} == {'{"code":"unauthenticated","detail":null}'}
    assert {one.headers["www-authenticate"] for one in answers.values()} == {"Bearer"}


@pytest.mark.holds(33)
def test_a_megabyte_is_refused_at_once() -> None:
    """A token of a megabyte is refused unread; over HTTP the server's own limit comes first."""
    tokens = HostTokens(jwt_settings(), RULES, CLOCK)
    with pytest.raises(Unauthenticated):
        tokens.verify(raw_token(HS256, claims(now(), pad="a" * 1_000_000)))


@pytest.mark.holds(94)
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"exp": -115, "iat": -900, "nbf": -900}, 200),
        ({"exp": -125, "iat": -900, "nbf": -900}, 401),
        ({"nbf": 115}, 200),
        ({"nbf": 125}, 401),
        ({"iat": 115}, 200),
        ({"iat": 125}, 401),
    ],
)
def test_skew(http: httpx2.Client, changes: dict[str, int], status: int) -> None:
    """Clocks may differ by two minutes, in either direction, and no more."""
    time = int(now())
    moved = {name: time + seconds for name, seconds in changes.items()}
    assert ask(http, token(claims(time, **moved))).status_code == status


@pytest.mark.holds(33)
def test_a_remembered_token_still_expires() -> None:
    """Verified once is not verified for ever: our own clock ends a token, not the machine's."""
    clock = MovableClock()
    tokens = HostTokens(jwt_settings(), RULES, clock)
    good = token(claims(clock.now()))
    assert tokens.verify(good) is tokens.verify(good)
    clock.advance(715)
    assert tokens.verify(good).user == "cleo"
    clock.advance(10)
    with pytest.raises(Unauthenticated):
        tokens.verify(good)
    assert tokens.verify(token(claims(clock.now()))).user == "cleo"


_LIMITED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_SENDABLE = st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f")
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@pytest.mark.holds(33)
@_LIMITED
@given(header=_JSON, payload=_JSON, signed=st.booleans())
def test_signed_garbage(header: object, payload: object, signed: bool) -> None:
    """Any JSON, even signed with the right secret, is refused in one and the same way."""
    tokens = HostTokens(jwt_settings(), RULES, CLOCK)
    with pytest.raises(Unauthenticated):
        tokens.verify(raw_token(header, payload, SECRET.encode() if signed else b"x"))


@pytest.mark.holds(33)
@_LIMITED
@given(name=st.sampled_from(["iss", "aud", "exp", "nbf", "iat", "sub"]), value=_JSON)
def test_one_claim_of_garbage(name: str, value: object) -> None:
    """A token good but for one claim is judged, never a crash; only `sub` may be any usable text."""
    tokens = HostTokens(jwt_settings(), RULES, CLOCK)
    payload = json.dumps({**claims(now()), name: value})
    try:
        accepted = tokens.verify(raw_token(HS256, payload))
    except Unauthenticated:
        return
    assert name in {"sub", "nbf"}
    assert accepted.user == (value if name == "sub" else "cleo")


@pytest.mark.holds(33, 72)
@_LIMITED
@given(text=st.text(_SENDABLE, min_size=1, max_size=60).map(lambda text: text.encode("latin-1")))
def test_garbage_over_http(http: httpx2.Client, text: bytes) -> None:
    """Whatever bytes stand after Bearer, the answer is a 4xx."""
    assert ask(http, text).status_code in {400, 401}


def verifier(
    tmp_path: Path, pem: str, *algorithms: str, identity: IdentitySettings | None = None
) -> HostTokens:
    file = tmp_path / "key.pem"
    file.write_text(pem)
    chosen = jwt_settings(secret=None, public_key_file=file, algorithms=algorithms)
    rules = ClaimRules.of(identity) if identity else RULES
    return HostTokens(chosen, rules, CLOCK)


@pytest.mark.parametrize(("alg", "key"), [("RS256", RSA_KEY), ("ES256", EC_KEY)])
def test_public_keys(tmp_path: Path, alg: str, key: Any) -> None:
    """A PEM public key verifies the algorithm that it is made for."""
    tokens = verifier(tmp_path, public_pem(key), "RS256", "ES256")
    assert tokens.verify(token(claims(now()), private_pem(key), alg)).user == "cleo"


@pytest.mark.holds(33)
@pytest.mark.parametrize("key", [RSA_KEY, EC_KEY])
def test_a_public_key_is_no_secret(tmp_path: Path, key: Any) -> None:
    """A token signed by HMAC with our public key, however it is written, is refused."""
    pem = public_pem(key)
    tokens = verifier(tmp_path, pem, "RS256", "ES256")
    for alg in ("HS256", "RS256", "ES256"):
        for secret in (pem, pem.strip(), pem.replace("\n", ""), ""):
            forged = raw_token({"alg": alg}, claims(now()), secret.encode())
            with pytest.raises(Unauthenticated):
                tokens.verify(forged)


@pytest.mark.holds(31, 33)
def test_a_changed_key_takes_its_tokens(tmp_path: Path) -> None:
    """A new key file counts at once, and what the old key had verified is forgotten."""
    tokens = verifier(tmp_path, public_pem(EC_KEY), "RS256", "ES256")
    old = token(claims(now()), private_pem(EC_KEY), "ES256")
    assert tokens.verify(old).user == "cleo"
    (tmp_path / "key.pem").write_text(public_pem(RSA_KEY))
    with pytest.raises(Unauthenticated):
        tokens.verify(old)
    assert tokens.verify(token(claims(now()), private_pem(RSA_KEY), "RS256")).user == "cleo"


@pytest.mark.holds(31, 33)
@pytest.mark.parametrize("broken", [b"", b"not a key", b"\xff\xfe", private_pem(EC_KEY).encode()])
def test_a_broken_key_verifies_nothing(tmp_path: Path, broken: bytes) -> None:
    """A key file that turns bad refuses everybody with a 401, until it is good again."""
    tokens = verifier(tmp_path, public_pem(EC_KEY), "ES256")
    good = token(claims(now()), private_pem(EC_KEY), "ES256")
    tokens.verify(good)
    (tmp_path / "key.pem").write_bytes(broken)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            tokens.verify(good)
    (tmp_path / "key.pem").write_text(public_pem(EC_KEY))
    assert tokens.verify(good).user == "cleo"


def test_the_email_must_be_verified() -> None:
    """Where the address is the user, the issuer must vouch for it, by a boolean."""
    rules = ClaimRules.of(IdentitySettings(user_claim="email"))
    tokens = HostTokens(jwt_settings(), rules, CLOCK)
    with_email = claims(now(), email="ana@example.com")
    verified = tokens.verify(token({**with_email, "email_verified": True}))
    assert (verified.user, verified.enterprises) == ("ana@example.com", None)
    for word in (False, "true", 1, None):
        with pytest.raises(Unauthenticated):
            tokens.verify(token({**with_email, "email_verified": word}))


@pytest.mark.parametrize(
    ("claim", "enterprises"),
    [
        ("acme", {"acme"}),
        (["acme", "globex", "acme"], {"acme", "globex"}),
        ([], set()),
        (None, set()),
        (["acme", "a/b", "..", ""], {"acme"}),
    ],
)
def test_enterprises(claim: object, enterprises: set[str]) -> None:
    """A text or a list names enterprises; a name that can be no id grants nothing."""
    tokens = HostTokens(jwt_settings(), RULES, CLOCK)
    named = tokens.verify(token(claims(now(), enterprises=claim)))
    assert named.enterprises == frozenset(enterprises)
