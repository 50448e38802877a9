"""What is remembered, which keys count, and whom the claims name."""

from __future__ import annotations

from pathlib import Path

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
    token,
)
from .trusting import now, own_key, pem_settings, verified


@pytest.mark.holds(33)
def test_a_remembered_token_still_expires() -> None:
    """Verified once is not verified for ever: our own clock ends a token, not the machine's."""
    clock = MovableClock()
    tokens = own_key(clock=clock)
    good = token(claims(clock.now()))
    assert verified(tokens, good) is verified(tokens, good)
    clock.advance(715)
    assert verified(tokens, good).user == "cleo"
    clock.advance(10)
    with pytest.raises(Unauthenticated):
        verified(tokens, good)
    assert verified(tokens, token(claims(clock.now()))).user == "cleo"


def verifier(tmp_path: Path, pem: str, *algorithms: str) -> HostTokens:
    return own_key(settings=pem_settings(tmp_path / "key.pem", pem, *algorithms))


@pytest.mark.holds(31, 33)
def test_a_changed_key_takes_its_tokens(tmp_path: Path) -> None:
    """A new key file counts at once, and what the old key had verified is forgotten."""
    tokens = verifier(tmp_path, public_pem(EC_KEY), "RS256", "ES256")
    old = token(claims(now()), private_pem(EC_KEY), "ES256")
    assert verified(tokens, old).user == "cleo"
    (tmp_path / "key.pem").write_text(public_pem(RSA_KEY))
    with pytest.raises(Unauthenticated):
        verified(tokens, old)
    assert verified(tokens, token(claims(now()), private_pem(RSA_KEY), "RS256")).user == "cleo"


@pytest.mark.holds(31, 33)
@pytest.mark.parametrize("broken", [b"", b"not a key", b"\xff\xfe", private_pem(EC_KEY).encode()])
def test_a_broken_key_verifies_nothing(tmp_path: Path, broken: bytes) -> None:
    """A key file that turns bad refuses everybody with a 401, until it is good again."""
    tokens = verifier(tmp_path, public_pem(EC_KEY), "ES256")
    good = token(claims(now()), private_pem(EC_KEY), "ES256")
    verified(tokens, good)
    (tmp_path / "key.pem").write_bytes(broken)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            verified(tokens, good)
    (tmp_path / "key.pem").write_text(public_pem(EC_KEY))
    assert verified(tokens, good).user == "cleo"


def test_the_email_must_be_verified() -> None:
    """Where the address is the user, the issuer must vouch for it, by a boolean."""
    rules = ClaimRules.of(IdentitySettings(user_claim="email"))
    tokens = own_key(rules)
    with_email = claims(now(), email="ana@example.com")
    vouched = verified(tokens, token({**with_email, "email_verified": True}))
    assert (vouched.user, vouched.enterprises) == ("ana@example.com", None)
    for word in (False, "true", 1, None):
        with pytest.raises(Unauthenticated):
            verified(tokens, token({**with_email, "email_verified": word}))


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
    tokens = own_key()
    named = verified(tokens, token(claims(now(), enterprises=claim)))
    assert named.enterprises == frozenset(enterprises)
