"""The main job with the platform in another process, for every way of being signed in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.testing.world import API, Browser
from tests.commands.running import Running, exports, serving
from tests.ports import free_port
from tests.session.host_tokens import (
    AUDIENCE,
    EC_KEY,
    ISSUER,
    SECRET,
    claims,
    private_pem,
    public_pem,
    token,
)

TEAM = "/teams/team-acme-brand"
CAMPAIGNS = f"{TEAM}/meta/campaigns?adAccountId=act_1001"
CAMPAIGN = f"{TEAM}/meta/campaigns/cmp_1001_1?adAccountId=act_1001"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("sandbox")
    with serving("sandbox", cwd=folder, health="/") as running:
        yield running


def api(client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    return client.request(method, API + path, **more)


def pauses(client: httpx.Client) -> None:
    """Read, pause, see it paused; then resume, for whoever comes next."""
    for status in ("PAUSED", "ACTIVE"):
        before = api(client, "GET", CAMPAIGNS)
        assert before.status_code == 200, before.text
        changed = api(client, "PATCH", CAMPAIGN, json={"status": status})
        assert changed.json() == {"id": "cmp_1001_1", "status": status}
        items = api(client, "GET", CAMPAIGNS).json()["items"]
        assert {one["id"]: one["status"] for one in items}["cmp_1001_1"] == status


def test_a_browser_signs_in_by_oidc(tmp_path: Path) -> None:
    """`bff sandbox` and `bff serve` with the exports that it prints: sign in, read, pause, sign out."""
    port = free_port()
    ours = ("--gateway", f"http://localhost:{port}")
    with serving("sandbox", *ours, cwd=tmp_path, health="/") as platform:
        printed = exports(platform.said)
        with serving("serve", cwd=tmp_path, settings=printed, port=port) as gateway:
            with Browser(gateway.origin) as browser:
                assert browser.sign_in("ben").status_code == 303
                assert browser.get("/auth/session").json()["enterprises"] == ["acme"]
                pauses(browser)
                assert browser.post("/auth/logout").status_code == 200
                assert api(browser, "GET", CAMPAIGNS).status_code == 401
            assert printed["BFF_UPSTREAM__API_KEY"] not in gateway.said
            assert printed["BFF_IDENTITY__OIDC__CLIENT_SECRET"] not in gateway.said


def jwt_settings(**key: str) -> dict[str, str]:
    return {
        "BFF_IDENTITY__JWT__ISSUER": ISSUER,
        "BFF_IDENTITY__JWT__AUDIENCE": AUDIENCE,
        "BFF_IDENTITY__JWT__COOKIE": "product-session",
        "BFF_IDENTITY__ENTERPRISE_CLAIM": "enterprises",
    } | {f"BFF_IDENTITY__JWT__{name}": value for name, value in key.items()}


@pytest.fixture(scope="module", params=["HS256", "ES256"])
def product(
    request: pytest.FixtureRequest,
    sandbox: Running,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Running, str]]:
    """A gateway that trusts the product's tokens, and one of ben's."""
    folder = tmp_path_factory.mktemp("product")
    (folder / "key.pem").write_text(public_pem(EC_KEY))
    if request.param == "HS256":
        settings = jwt_settings(ALGORITHMS="HS256", SECRET=SECRET)
        bearer = token(claims(time.time(), sub="ben"), SECRET, "HS256")
    else:
        settings = jwt_settings(ALGORITHMS="ES256", PUBLIC_KEY_FILE=str(folder / "key.pem"))
        bearer = token(claims(time.time(), sub="ben"), private_pem(EC_KEY), "ES256")
    platform = {n: v for n, v in exports(sandbox.said).items() if n.startswith("BFF_UPSTREAM__")}
    with serving("serve", cwd=folder, settings=platform | settings) as gateway:
        yield gateway, bearer


def test_a_host_token_in_the_header(product: tuple[Running, str]) -> None:
    """A native client with the product's own token as a bearer does the main job without CSRF."""
    gateway, bearer = product
    with httpx.Client(base_url=gateway.origin, trust_env=False) as client:
        assert api(client, "GET", CAMPAIGNS).status_code == 401
        client.headers["Authorization"] = f"Bearer {bearer}"
        assert client.get("/auth/session").json()["user"] == "ben"
        pauses(client)
        client.headers["Authorization"] = f"Bearer {bearer[:-4]}AAAA"
        assert api(client, "GET", CAMPAIGNS).status_code == 401
    assert bearer not in gateway.said


@pytest.mark.holds(20, 22)
def test_a_host_token_in_a_cookie(product: tuple[Running, str]) -> None:
    """A browser that sends the product's cookie does the main job, under the CSRF rules."""
    gateway, bearer = product
    with httpx.Client(base_url=gateway.origin, trust_env=False) as client:
        client.headers["Cookie"] = f"product-session={bearer}"
        for headers in ({}, {"X-BFF": "1", "Sec-Fetch-Site": "cross-site"}):
            refused = api(client, "GET", CAMPAIGNS, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
        client.headers |= {"X-BFF": "1", "Sec-Fetch-Site": "same-origin"}
        pauses(client)
        assert client.post("/auth/logout").status_code == 409
    assert bearer not in gateway.said
