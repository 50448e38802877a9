"""One table of hostile tokens, before every engine and every source of keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from app.session.registered_claims import TokenRefused
from app.session.signatures import ENGINES, Engine, Joserfc, PythonJose
from app.settings import JwtSettings
from app.settings_check import PUBLIC_KEY_ALGORITHMS, SHARED_SECRET_ALGORITHMS

from .host_tokens import RSA_KEY, SECRET, claims, public_pem
from .hostile_tokens import ALGORITHMS, bad_tokens, odd_json
from .loopback_server import Stage
from .signers import Signer, signer
from .small_gateway import SmallGateway
from .small_publisher import SmallPublisher
from .trusting import CLOCK, ask, jwt_settings, now, pem_settings

PYTHON_JOSE: Mapping[str, Engine] = dict.fromkeys(("HS256", "RS256", "ES256"), PythonJose())
JOSERFC: Mapping[str, Engine] = dict.fromkeys(ALGORITHMS, Joserfc())
TRUSTS = [
    (source, algorithm, engines)
    for algorithm in ALGORITHMS
    for engines in ("python-jose", "joserfc")
    for source in ("secret", "file", "address")
    if (source == "secret") == (algorithm == "HS256")
    and (engines == "joserfc" or algorithm in PYTHON_JOSE)
]


@dataclass(frozen=True)
class Trust:
    """A gateway that trusts one signer."""

    gateway: SmallGateway
    http: httpx2.Client
    signer: Signer


@pytest.fixture(params=TRUSTS, ids="-".join)
def trust(
    request: pytest.FixtureRequest,
    gateway_stage: Stage,
    publisher: SmallPublisher,
    tmp_path: Path,
) -> Iterator[Trust]:
    source, algorithm, engines = request.param
    chosen = signer(algorithm, "first" if source == "address" else None)
    settings = settings_for(source, chosen, publisher, tmp_path)
    with trusting(gateway_stage, settings, JOSERFC if engines == "joserfc" else ENGINES) as (
        gateway,
        http,
    ):
        yield Trust(gateway, http, chosen)


def settings_for(
    source: str, chosen: Signer, publisher: SmallPublisher, folder: Path
) -> JwtSettings:
    if isinstance(chosen.key, bytes):
        return jwt_settings()
    if source == "file":
        return pem_settings(folder / "key.pem", public_pem(chosen.key), chosen.algorithm)
    publisher.keys = [chosen.published()]
    return jwt_settings(secret=None, jwks_url=publisher.url, algorithms=(chosen.algorithm,))


@contextmanager
def trusting(
    stage: Stage, settings: JwtSettings, engines: Mapping[str, Engine] = ENGINES
) -> Iterator[tuple[SmallGateway, httpx2.Client]]:
    gateway = SmallGateway(stage.origin, stage.fetch, CLOCK, jwt=settings, engines=engines)
    stage.app = gateway.app()
    with httpx2.Client(base_url=gateway.origin, trust_env=False) as http:
        yield gateway, http


@pytest.mark.holds(33)
def test_bad_tokens_look_alike(trust: Trust) -> None:
    """Each is a 401, all with one body and the same headers, and the log has a reason for each."""
    table = bad_tokens(now(), trust.signer)
    answers = {name: ask(trust.http, bad) for name, bad in table.items()}
    assert {name for name, one in answers.items() if one.status_code != 401} == set()
    assert {one.text for one in answers.values()} == {'{"code":"unauthenticated","detail":null}'}
    assert {one.headers["www-authenticate"] for one in answers.values()} == {"Bearer"}
    told = [{name for name in one.headers if name != "date"} for one in answers.values()]
    assert all(names == told[0] for names in told)
    assert len(trust.gateway.reasons) == len(table)
    assert all(trust.gateway.reasons)


def test_a_good_token_signs_in(trust: Trust) -> None:
    """What the table bends is good before it is bent, with addresses of other keys in its header too."""
    elsewhere = {"jku": "https://evil.example", "x5u": "https://evil.example"}
    for header in ({}, elsewhere, {"typ": "at+jwt"}):
        answer = ask(trust.http, trust.signer.token(claims(now()), **header))
        assert (answer.status_code, answer.json()["user"]) == (200, "cleo")


def test_every_supported_algorithm_has_an_engine() -> None:
    """What the settings accept is what the engines check, and each engine refuses what it cannot."""
    assert set(ENGINES) == SHARED_SECRET_ALGORITHMS | PUBLIC_KEY_ALGORITHMS == set(ALGORITHMS)
    assert {name: type(engine) for name, engine in ENGINES.items() if name in PYTHON_JOSE} == (
        dict.fromkeys(PYTHON_JOSE, PythonJose)
    )


@pytest.mark.holds(33)
@pytest.mark.parametrize("kid", ["second", "First", "first ", "", "../first", "first\u0000", "*"])
def test_no_key_of_that_id(gateway_stage: Stage, publisher: SmallPublisher, kid: str) -> None:
    """A key id is looked up exactly: another key of the set, or none, verifies nothing."""
    first, second = signer("ES256", "first"), signer("RS256", "second")
    publisher.keys = [first.published(), second.published()]
    settings = jwt_settings(secret=None, jwks_url=publisher.url, algorithms=("ES256", "RS256"))
    with trusting(gateway_stage, settings) as (_, http):
        assert ask(http, first.token(claims(now()))).status_code == 200
        assert ask(http, first.token(claims(now()), kid=kid)).status_code == 401


@pytest.mark.holds(33)
def test_a_key_serves_the_named_algorithms_only(
    gateway_stage: Stage, publisher: SmallPublisher
) -> None:
    """An RSA key could verify by two algorithms; ALGORITHMS and the key's own `alg` each take one away."""
    signers = signer("RS256", "k"), signer("PS256", "k")
    for algorithms, members, accepted in (
        (("RS256", "PS256"), {}, [200, 200]),
        (("RS256",), {}, [200, 401]),
        (("RS256", "PS256"), {"alg": "PS256"}, [401, 200]),
    ):
        publisher.keys = [Signer("RS256", RSA_KEY, "k").published(**members)]
        settings = jwt_settings(secret=None, jwks_url=publisher.url, algorithms=algorithms)
        with trusting(gateway_stage, settings) as (_, http):
            got = [ask(http, one.token(claims(now()))).status_code for one in signers]
        assert got == accepted, (algorithms, members)


def test_engines_refuse_what_they_cannot() -> None:
    """python-jose has neither PS256 nor EdDSA: asked for them it refuses, it does not guess."""
    for algorithm, key in (("PS256", RSAKey), ("EdDSA", ECKey)):
        made = signer("PS256" if key is RSAKey else "ES256")
        assert not isinstance(made.key, bytes)
        with pytest.raises(TokenRefused):
            PythonJose().payload(
                made.token(claims(now())), key.import_key(public_pem(made.key)), algorithm
            )


@pytest.mark.holds(33)
@pytest.mark.parametrize("engine", [PythonJose(), Joserfc()], ids=["python-jose", "joserfc"])
def test_engines_alone_refuse_every_oddity(engine: Engine) -> None:
    """Without the guard before it, too, an engine's only failure is a refusal."""
    key = OctKey.import_key(SECRET.encode())
    chosen = signer("HS256")
    assert engine.payload(chosen.token({"a": 1}), key, "HS256") == b'{"a": 1}'
    odd = odd_json(now(), chosen)
    # joserfc reads a header in UTF-16: refusing that is the guard's part.
    headers = [odd[f"header {name}"] for name in ("list", "null", "broken", "deep")]
    for token in (*headers, "", "é.é.é", "a", "..", "a.b.c", chosen.token({})[:-4]):
        with pytest.raises(TokenRefused):
            engine.payload(token, key, "HS256")
