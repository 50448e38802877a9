"""What is remembered, which keys count, and whom the claims name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.clock import MovableClock
from app.errors import Unauthenticated
from app.session.claims import ClaimRules
from app.session.host_jwt import HostTokens
from app.settings import IdentitySettings

from .host_tokens import (
    EC_KEY,
    RSA_KEY,
    claims,
    private_pem,
    public_pem,
    raw_token,
    token,
)
from .trusting import CLOCK, RULES, jwt_settings, now


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
