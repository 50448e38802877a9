"""What the platform answers, and what the gateway makes of it: asked of the sandbox, once each.

The demo user ben asks the gateway for everything that a benchmark asks for; what the gateway asked
the sandbox meanwhile is then asked again, and written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import httpx2 as httpx

from app.testing.world import API_KEY, Browser, World, plain_client, world
from bench.reads import READINGS, campaigns, change, creatives, dashboard

USER, TEAM = "ben", "team-acme-brand"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the platform. `path` is below its origin; of the query only what an answer
    depends on: periods are left out, since figures of one day stand for those of all."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Scene:
    """The platform's answers. By the names of `READINGS`: the gateway's own answer to each, and what
    it asks the platform for it (user 1's team)."""

    answers: tuple[Answer, ...]
    public: dict[str, bytes]
    wire: dict[str, str]


def record() -> Scene:
    """Starts a sandbox and a gateway in this process, and ends them."""
    with world() as running:
        browser = running.sign_in(USER)
        public, wire = {}, {}
        for one in READINGS:
            public[one.name] = _read(browser, one.target())
            asked = str(running.calls("getInsights")[-1]["path"])
            wire[one.name] = asked.replace(TEAM, "team-1")
        for target in (dashboard(), creatives(1), campaigns()):
            _read(browser, target)
        changed = browser.patch(_here(change()), json={"status": "PAUSED"})
        assert changed.status_code == 200, changed.text
        return Scene(tuple(_answers(running)), public, wire)


def _read(browser: Browser, target: str) -> bytes:
    answer = browser.get(_here(target), headers={"Accept-Encoding": "identity"})
    assert answer.status_code == 200, answer.text
    return answer.content


def _here(target: str) -> str:
    """The benchmark's team by its name in the demo world."""
    return target.replace("team-1/", f"{TEAM}/")


def _answers(running: World) -> list[Answer]:
    found: dict[tuple[str, str, tuple[tuple[str, str], ...]], Answer] = {}
    with plain_client(running.sandbox_server.origin) as client:
        headers = _credentials(client)
        for call in running.calls():
            url = urlsplit(str(call["path"]))
            query = tuple(pair for pair in parse_qsl(url.query) if not pair[0].endswith("Date"))
            key = (str(call["method"]), url.path, query)
            if key not in found:
                answer = client.request(
                    key[0], str(call["path"]), content=call["body"] or None, headers=headers
                )
                assert answer.status_code < 300, answer.text
                found[key] = Answer(*key, answer.status_code, answer.text)
    return list(found.values())


def _credentials(client: httpx.Client) -> dict[str, str]:
    headers = {"x-api-key": API_KEY, "content-type": "application/json"}
    answer = client.post("/api/v1/auth/token", json={"externalUserId": USER}, headers=headers)
    token = answer.raise_for_status().json()["data"]["accessToken"]
    return headers | {"authorization": f"Bearer {token}"}
