"""The port of operations of one process."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from app.settings import SettingsFault, load
from app.testing.world import API, Browser, World
from tests.commands.running import bff
from tests.metrics.scrape import Operated, operated
from tests.ports import free_port

CAMPAIGNS = f"{API}/teams/team-acme-brand/meta/campaigns?adAccountId=act_1001"
TEAMS = f"{API}/workspaces/acme/teams"
PATHS = ("/metrics", "/healthz", "/readyz")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    with operated(cwd=tmp_path_factory.mktemp("one")) as running:
        yield running


def test_three_paths_and_no_other(gateway: Operated) -> None:
    """Each answers GET and HEAD, uncached and without naming the server; nothing else is there."""
    for path in PATHS:
        for method in ("GET", "HEAD"):
            answer = gateway.client.request(method, path)
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "no-store"
            assert "server" not in answer.headers
        assert gateway.client.post(path).status_code == 405
    for path in ("/", "/docs", "/openapi.json", CAMPAIGNS, "/auth/login", "/metrics/"):
        assert gateway.client.get(path).status_code == 404, path


def test_the_main_port_has_none_of_them(gateway: Operated) -> None:
    """What operations ask is not for everybody: the main port knows nothing of it."""
    for path in PATHS:
        answer = httpx.get(f"{gateway.running.origin}{path}", trust_env=False)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_without_a_port_nothing_changes(strict_world: World) -> None:
    """Health and readiness are on the main port, and there are no metrics."""
    browser = strict_world.browser()
    assert [browser.get(path).status_code for path in PATHS] == [404, 200, 200]


def test_the_numbers_of_reads(gateway: Operated) -> None:
    """One miss, two hits the long way, one answer from memory: each is counted as what it was."""
    before, of = gateway.scrape(), {"operation": "listWorkspaceTeams"}
    with Browser(gateway.running.origin) as dora:
        dora.sign_in("dora")
        for headers in ({}, {}, {}, {"Range": "bytes=0-"}):
            assert dora.get(TEAMS, headers=headers).status_code == 200
    after = gateway.scrape()
    assert after.value("bff_requests_total", by="recall", status="200", **of) == 1
    assert after.value("bff_requests_total", by="pipeline", status="200", **of) == 3
    assert after.value("bff_request_duration_seconds_count", **of) == 3
    assert after.value("bff_request_duration_seconds_bucket", le="+Inf", **of) == 3
    assert after.value("bff_cache_answers_total", state="miss", **of) == 1
    assert after.value("bff_cache_answers_total", state="hit", **of) == 2
    sent = after.value("bff_platform_requests_total", outcome="success", phase="answered", **of)
    assert sent == after.value("bff_platform_duration_seconds_count", **of) > 0
    exchanged = {"outcome": "success", "operation": "exchangeToken"}
    assert after.value("bff_platform_requests_total", **exchanged) > 0
    for name in ("bff_cache_entries", "bff_cache_bytes", "bff_recall_memos", "bff_token_users"):
        assert after.value(name) > before.value(name)
    assert after.value("bff_sessions_kept") == before.value("bff_sessions_kept") + 1


@pytest.mark.holds(27)
def test_nothing_about_anybody_is_exposed(gateway: Operated) -> None:
    """After a journey with every kind of id: no person, object, cookie, key or query in the text."""
    with Browser(gateway.running.origin) as ben:
        ben.sign_in("ben")
        paths = [CAMPAIGNS, f"{API}/teams/team-globex-shop", "/auth/callback?code=canary-code"]
        paths += [f"{API}/workspaces/acme/canary-path", f"{CAMPAIGNS}&odd=canary-query"]
        for path in paths:
            ben.get(path, headers={"User-Agent": "canary-agent", "X-Request-ID": "canary-request"})
        said, cookie = gateway.scrape().text, ben.session_cookie
    for secret in ("ben", "acme", "globex", "act_", "canary", cookie, "127.0.0.1", "localhost"):
        assert not re.search(rf"(?<![a-z]){re.escape(secret)}", said), secret


def test_openmetrics_for_who_asks_for_it(gateway: Operated) -> None:
    """Prometheus prefers it; the text ends as that format demands."""
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    answer = gateway.client.get("/metrics", headers=accept)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


@pytest.mark.holds(91)
def test_it_answers_until_the_end(tmp_path: Path) -> None:
    """While the gateway drains, readiness says so and numbers are told; then the exit code is 0."""
    with operated(cwd=tmp_path, settings={"BFF_DRAIN__WAIT_SECONDS": "300"}) as gateway:
        gateway.running.process.send_signal(signal.SIGTERM)
        gateway.until(lambda: gateway.readiness() == (503, "draining"))
        scrape = gateway.scrape()
        assert (scrape.value("bff_draining"), scrape.value("bff_ready")) == (1, 0)
        assert gateway.client.get("/healthz").status_code == 200
        assert gateway.running.end(signal.SIGTERM) == 0
        assert "Traceback" not in gateway.running.said


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    """By another program or, as here, by the gateway itself: the settings are named, nothing is served."""
    port = str(free_port())
    done = bff("serve", "--port", port, cwd=tmp_path, BFF_OPERATIONS__PORT=port)
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("BFF_OPERATIONS__HOST and __PORT must name an address that is free.")
    assert sentence.endswith(f"port {port}: Address already in use.")


def test_a_port_that_there_cannot_be() -> None:
    """It is a setting like the others."""
    with pytest.raises(SettingsFault, match=r"^BFF_OPERATIONS__PORT: "):
        load({"BFF_OPERATIONS__PORT": "65536"})
