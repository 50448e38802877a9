"""Redis, identity provider, keys and platform are asked, and each fault comes with the way out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.clock import MovableClock
from tests.checking.asked import answering, checked, of
from tests.inside import Platform, platform
from tests.replicas.redis_server import RedisServer, redis_server

CANARY = "canary-8c0d"
REDIS = "BFF_REDIS__URL"
ISSUER = "BFF_IDENTITY__OIDC__ISSUER"
KEY = "BFF_UPSTREAM__API_KEY"
SESSION = {"keys": ["A" * 43 + "="]}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Platform]:
    with platform() as running:
        yield running


def on_redis(sandbox: Platform, url: str, **more: Any) -> list[tuple[str, str]]:
    return of(
        checked(sandbox.server.origin, live=True, redis={"url": url}, session=SESSION, **more),
        REDIS,
    )


def test_a_sandbox_is_in_order(sandbox: Platform) -> None:
    """Nothing but notes: connection, discovery, keys."""
    findings = checked(sandbox.server.origin, live=True)
    assert {one.severity for one in findings} == {"note"}
    assert next(said for _, said in of(findings, ISSUER)).endswith(
        "its discovery document is in order."
    )
    assert of(findings, "BFF_UPSTREAM__BASE_URL")


def test_a_redis_that_keeps_is_in_order(sandbox: Platform, tmp_path: Path) -> None:
    """Its version is told; with appendfsync everysec there is the risk that the documents name."""
    with RedisServer(tmp_path) as server:
        said = on_redis(sandbox, server.url)
        assert [severity for severity, _ in said] == ["note", "risk"]
        assert "appendfsync everysec" in said[1][1]
        server.client().config_set("appendfsync", "always")
        assert [severity for severity, _ in on_redis(sandbox, server.url)] == ["note"]


def test_a_redis_that_forgets_is_a_fault(sandbox: Platform) -> None:
    """One that evicts, one that writes nothing down, one that refuses, one that is not there."""
    with redis_server() as server:
        server.client().config_set("maxmemory-policy", "allkeys-lru")
        said = on_redis(sandbox, server.url)
        assert [severity for severity, _ in said] == ["note", "fault", "fault"]
        assert "evicts" in said[1][1]
        assert "does not write" in said[2][1]
        server.client().config_set("requirepass", CANARY)
        ((severity, refused),) = on_redis(sandbox, server.url)
        assert (severity, refused) == ("fault", f"{REDIS}: it refuses the credentials.")
        url = server.url
    ((severity, away),) = on_redis(sandbox, url)
    assert (severity, away.startswith(f"{REDIS}: no answer")) == ("fault", True)


def test_clocks_that_differ_are_a_risk(sandbox: Platform) -> None:
    """By more than is tolerated between tokens' times."""
    clock = MovableClock()
    clock.advance(600)
    with redis_server() as server:
        said = on_redis(sandbox, server.url, clock=clock)
    assert any("600 seconds behind" in sentence for _, sentence in said)


def test_the_key_is_tried_only_for_who_is_named(sandbox: Platform) -> None:
    """The exchange may make a user, so nobody is asked about unless somebody says who."""
    sandbox.forget()
    checked(sandbox.server.origin, live=True)
    assert sandbox.calls("exchangeToken") == []
    findings = checked(sandbox.server.origin, probe_user="ana")
    assert of(findings, KEY) == [("note", f"{KEY}: the current key is accepted.")]
    assert sandbox.asked("exchangeToken") == 1


@pytest.mark.holds(27)
def test_a_refused_key_is_a_fault_that_does_not_show_it(sandbox: Platform) -> None:
    """Whichever of the two it is; neither key nor user is said."""
    upstream = {"api_key": f"{CANARY}-1\n{CANARY}-2"}
    findings = checked(sandbox.server.origin, upstream=upstream, probe_user=f"user-{CANARY}")
    assert [severity for severity, _ in of(findings, KEY)] == ["fault", "fault"]
    assert CANARY not in str([one.told() for one in findings])


def provider(document: Any, keys: Any) -> Starlette:
    """An identity provider that publishes these; `{origin}` in them is its own."""

    async def discovery(request: Request) -> Response:
        origin = f"http://{request.headers['host']}"
        told = {name: value.replace("{origin}", origin) for name, value in document.items()}
        return JSONResponse(told)

    async def key_set(_: Request) -> Response:
        return JSONResponse(keys)

    routes = [Route("/.well-known/openid-configuration", discovery), Route("/keys", key_set)]
    return Starlette(routes=routes)


DOCUMENT = {
    "issuer": "{origin}",
    "authorization_endpoint": "{origin}/authorize",
    "token_endpoint": "{origin}/token",
    "jwks_uri": "{origin}/keys",
}


@pytest.mark.parametrize(
    ("document", "keys", "sentence"),
    [
        (DOCUMENT | {"issuer": "https://other.example"}, {"keys": []}, "names another issuer"),
        (DOCUMENT | {"token_endpoint": "http://other.example"}, {"keys": []}, "is not an https"),
        (DOCUMENT, {"keys": [{"kty": "oct", "k": "AAAA"}]}, "none of its 1 keys is usable"),
        (DOCUMENT, {"nothing": []}, "no key set there"),
        (DOCUMENT | {"jwks_uri": "{origin}/elsewhere"}, {}, "no key set there (status 404)"),
    ],
)
def test_a_provider_that_nobody_could_sign_in_at_is_a_fault(
    sandbox: Platform, document: Any, keys: Any, sentence: str
) -> None:
    """Each with advice."""
    with answering(provider(document, keys)) as origin:
        oidc = {"issuer": origin, "client_id": "ads-bff", "client_secret": "secret"}
        findings = checked(sandbox.server.origin, live=True, identity={"oidc": oidc})
    faults = [one for one in findings if one.severity == "fault"]
    assert len(faults) == 1
    assert sentence in faults[0].sentence
    assert faults[0].advice


def test_keys_of_host_tokens_have_to_fit_the_algorithms(sandbox: Platform) -> None:
    """A set whose keys verify nothing that is accepted is no use."""
    jwt = {
        "issuer": "https://product.example",
        "audience": "ads",
        "jwks_url": f"{sandbox.server.origin}/idp/jwks",
    }
    for algorithm, severity in (("ES256", "note"), ("RS256", "fault")):
        identity = {"jwt": jwt | {"algorithms": [algorithm]}}
        findings = checked(sandbox.server.origin, live=True, identity=identity)
        ((found, _),) = of(findings, "BFF_IDENTITY__JWT__JWKS_URL")
        assert found == severity


def test_a_platform_that_is_not_there_is_a_fault(sandbox: Platform) -> None:
    """With what to look at."""
    with answering(provider(DOCUMENT, {})) as origin:
        pass
    findings = checked(sandbox.server.origin, live=True, upstream={"base_url": f"{origin}/api/v1"})
    ((severity, sentence),) = of(findings, "BFF_UPSTREAM__BASE_URL")
    assert (severity, "no connection" in sentence) == ("fault", True)
