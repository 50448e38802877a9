"""Conditions on a host token: expired, signed with a key that went, or beside a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.testing.world import GatewayServer, World, world
from tests.cache.reads import CAMPAIGNS
from tests.recall.asker import Asker, memory_of
from tests.session import host_tokens
from tests.session.loopback_server import open_stage
from tests.session.signers import signer
from tests.session.small_publisher import SmallPublisher

SKEW = 120
OTHER_SECRET = "another secret of the product, as long as the first"
Carried = Callable[[str], dict[str, str]]


def as_bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def as_cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"host={token}", "X-BFF": "1"}


@pytest.fixture(params=[as_bearer, as_cookie], ids=["bearer", "cookie"])
def carried(request: pytest.FixtureRequest) -> Carried:
    """How the product sends its token."""
    how: Carried = request.param
    return how


@pytest.fixture
def plain(here: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=here.origin, trust_env=False) as client:
        yield client


def token(here: World, user: str = "ben", secret: str = host_tokens.SECRET, **claims: Any) -> str:
    return host_tokens.token(host_tokens.claims(here.clock.now(), sub=user, **claims), secret)


def refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.holds(33, 94)
def test_expired(here: World, plain: httpx.Client, carried: Carried) -> None:
    """A token is good until its `exp` and the clocks' difference, and no second longer."""
    life = 20
    lasting = token(here, exp=int(here.clock.now()) + life)
    ben = Asker(here.gateway, plain, CAMPAIGNS, carried(lasting))
    ben.known()
    here.advance(life + SKEW - 5)
    ben.known()
    here.advance(6)
    refused(ben.anew())


@pytest.mark.holds(20, 33)
def test_as_a_cookie_it_needs_the_proof(here: World, plain: httpx.Client) -> None:
    """A token in a cookie is sent by browsers on anybody's behalf, so the headers decide as well."""
    given = as_cookie(token(here))
    Asker(here.gateway, plain, CAMPAIGNS, given).known()
    without = Asker(here.gateway, plain, CAMPAIGNS, {"Cookie": given["Cookie"]}).anew()
    assert (without.status_code, without.json()["code"]) == (403, "csrf")
    foreign = Asker(here.gateway, plain, CAMPAIGNS, given).anew(Sec_Fetch_Site="cross-site")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "csrf")


@pytest.mark.holds(28, 52)
def test_another_token(here: World, plain: httpx.Client, carried: Carried) -> None:
    """Every token is recognised by itself: another one of the same user, one of somebody else, and one
    that was changed by a single character."""
    mine = token(here)
    ben = Asker(here.gateway, plain, CAMPAIGNS, carried(mine))
    ben.known()
    for changed in (mine[:-1], mine + "=", mine[:-2] + "AA", mine.upper()):
        refused(Asker(here.gateway, plain, CAMPAIGNS, carried(changed)).anew())
    emil = Asker(here.gateway, plain, CAMPAIGNS, carried(token(here, "emil")))
    assert emil.anew().status_code == 403
    again = Asker(here.gateway, plain, CAMPAIGNS, carried(token(here, jti="again")))
    assert again.anew().status_code == 200


@pytest.mark.holds(33)
def test_the_key_in_its_file_changes(
    way: type[GatewayServer], tmp_path: Path, carried: Carried
) -> None:
    """A key that goes takes along what its tokens were answered; tokens of the new one begin anew."""
    file = tmp_path / "secret"
    file.write_text(host_tokens.SECRET)
    jwt = {
        "secret_file": str(file),
        "algorithms": ["HS256"],
        "issuer": host_tokens.ISSUER,
        "audience": host_tokens.AUDIENCE,
        "cookie": "host",
    }
    with (
        world(gateway=way(), identity={"jwt": jwt, "same_users": True}) as running,
        httpx.Client(base_url=running.origin, trust_env=False) as plain,
    ):
        old = Asker(running.gateway, plain, CAMPAIGNS, carried(token(running)))
        old.known()
        file.write_text(OTHER_SECRET)
        refused(old.anew())
        new = Asker(running.gateway, plain, CAMPAIGNS, carried(token(running, secret=OTHER_SECRET)))
        new.known()
        refused(old.anew())
        file.write_text("short")
        refused(new.anew())
        file.write_text(host_tokens.SECRET)
        old.known()


@pytest.mark.holds(33)
def test_a_published_key_is_withdrawn(way: type[GatewayServer], carried: Carried) -> None:
    """A key that its publisher lists no more is trusted as long as the list keeps, known by heart or
    not."""
    first, second = signer("EdDSA", "first"), signer("ES256", "second")
    with open_stage() as stage:
        publisher = SmallPublisher(stage.origin)
        stage.app = publisher.app()
        publisher.keys = [first.published(), second.published()]
        jwt = {
            "issuer": host_tokens.ISSUER,
            "audience": host_tokens.AUDIENCE,
            "algorithms": ["EdDSA", "ES256"],
            "jwks_url": publisher.url,
            "cookie": "host",
            "max_lifetime_seconds": 86_400,
        }
        with (
            world(gateway=way(), identity={"jwt": jwt, "same_users": True}) as running,
            httpx.Client(base_url=running.origin, trust_env=False) as plain,
        ):
            now = running.clock.now()
            claims = host_tokens.claims(now, sub="ben", exp=int(now) + 80_000)
            ben = Asker(running.gateway, plain, CAMPAIGNS, carried(first.token(claims)))
            ben.known()
            publisher.keys = [second.published()]
            running.advance(3601)
            refused(ben.anew())


@pytest.mark.holds(9, 28)
def test_beside_a_session_a_token_may_only_agree(here: World) -> None:
    """A token beside a session that proves nothing yet, and later names somebody else: then both are
    refused, known by heart or not."""
    browser = here.sign_in("ben")
    soon = int(here.clock.now()) + SKEW + 10
    later = token(here, "cleo", iat=soon - SKEW - 10, nbf=soon, exp=soon + 600)
    both = {"Cookie": f"bff-dev={browser.session_cookie}; host={later}"}
    ben = Asker(here.gateway, browser, CAMPAIGNS, both)
    for _ in range(3):
        assert ben.ask().status_code == 200
    here.advance(12)
    refused(ben.anew())


@pytest.mark.holds(28)
def test_beside_a_session_a_token_that_agrees_is_remembered(here: World) -> None:
    """What agrees can never name anybody else; when it has expired it proves nothing."""
    browser = here.sign_in("ben")
    both = {"Cookie": f"bff-dev={browser.session_cookie}; host={token(here)}"}
    Asker(here.gateway, browser, CAMPAIGNS, both).known()


@pytest.mark.holds(10, 27)
def test_credentials_are_not_kept(here: World, plain: httpx.Client, carried: Carried) -> None:
    """No credential stands in the memory in clear."""
    mine = token(here)
    Asker(here.gateway, plain, CAMPAIGNS, carried(mine)).known()
    signed_in = here.sign_in("ben")
    Asker(here.gateway, signed_in, CAMPAIGNS).known()
    memory = memory_of(here.gateway)
    seen = repr([*memory._memos, *memory._credentials, *memory._memos.values()])
    for secret in (mine, signed_in.session_cookie):
        assert secret not in seen
