"""Why is a dashboard stale? Incidents are staged, and the handbook's steps followed to the letter.

Every step is the printed command, run by a shell; the handbook's table says what the output means.
Another cause must lead to another place by the same steps.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import pytest

from app.settings import known_names
from app.testing.world import API, Browser
from tests.commands.running import Running, exports, serving
from tests.ports import free_port
from tests.replicas.cluster import RING_KEY
from tests.replicas.redis_server import RedisServer, redis_server

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text("utf-8")
_, _, SECTION = TEXT.partition("\n### Stale dashboards\n")
SECTION, _, _ = SECTION.partition("\n### ")
META = f"{API}/teams/team-acme-brand/meta"
READ = f"{META}/campaigns?adAccountId=act_1001"
UNKEPT = f"{META}/campaigns?adAccountId=act_1002"
# Longer than a list of campaigns is fresh, shorter than it keeps (seconds).
LATER = 90.0
KEPT = 600.0
HAS_METRICS = "BFF_OPERATIONS__PORT" in known_names()


def steps() -> list[str]:
    """The commands as printed, in their order; those for metrics where there are any."""
    printed = re.findall(r"^```sh( metrics)?\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE)
    return [commands for metrics, commands in printed if HAS_METRICS or not metrics]


def conclusion(output: str) -> str:
    """Where the first line of the table leads whose sign was printed; "" where nothing is wrong."""
    _, _, rest = SECTION.partition("<!-- signs:")
    table, _, _ = rest.partition("<!-- end of signs -->")
    rows = re.findall(r"^\| `([^`]+)` \|.*\|([^|]*)\|$", table, re.MULTILINE)
    places = [place for sign, place in rows if sign in output]
    assert places, output
    return "".join(re.findall(r"\(#([a-z-]+)\)", places[0]))


@dataclass
class Scene:
    """One gateway with Redis and the sandbox, each a process; ben is signed in, and reads."""

    gateway: Running
    sandbox: httpx.Client
    redis: RedisServer
    clock: Path
    browser: Browser
    folder: Path
    # Where this incident begins in the gateway's log.
    begins: int = 0

    def well(self) -> None:
        """Everything works, what is read is kept, and the log is read from here on."""
        self.sandbox.delete("/_sandbox/faults").raise_for_status()
        # Nothing of the incident before is kept any more, and what was asked for then is unkept again.
        self.pass_by(KEPT + 1)
        if not self.redis.running:
            self.redis.start()
        # Redis forgot the session, and is known to be back a moment after it is.
        while self.browser.get("/auth/login").status_code != 303:
            pass
        self.browser.sign_in("ben")
        while self.browser.get(READ).status_code != 200:
            # What failed is tried again after some seconds of the gateway's clock.
            self.pass_by(10)
        self.browser.get(READ)
        self.begins = len(self.gateway.said)

    def pass_by(self, seconds: float) -> None:
        """Both clocks move."""
        self.clock.write_text(str(float(self.clock.read_text("ascii")) + seconds), "ascii")
        self.sandbox.post("/_sandbox/clock", json={"advance": seconds}).raise_for_status()

    def fault(self, operation: str, kind: str, **more: object) -> None:
        order = {"operation": operation, "kind": kind, "times": None} | more
        self.sandbox.post("/_sandbox/faults", json=order).raise_for_status()

    def follow(self) -> str:
        """What the steps print."""
        given = {
            "GATEWAY": self.gateway.origin,
            "READ": READ,
            "UNKEPT": UNKEPT,
            "LOG": str(self.folder / "log"),
            "COOKIES": str(self.folder / "cookies"),
            "OPERATIONS": f"http://127.0.0.1:{self.gateway.port + 1}",
            "PATH": "/usr/bin:/bin",
        }
        cookie = f"localhost\tFALSE\t/\tFALSE\t0\tbff-dev\t{self.browser.session_cookie}\n"
        Path(given["COOKIES"]).write_text(cookie, "ascii")
        return "".join(self._take(step, given) for step in steps())

    def _take(self, step: str, given: Mapping[str, str]) -> str:
        Path(given["LOG"]).write_text(self.gateway.said[self.begins :], "utf-8")
        ran = subprocess.run(
            ["bash", "-uc", step],
            check=False,
            cwd=self.folder,
            env=given,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.stderr == ""
        return ran.stdout


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder, port = tmp_path_factory.mktemp("incidents"), free_port()
    clock = folder / "ahead"
    clock.write_text("0", "ascii")
    program = (sys.executable, "-m", "tests.operations.moved_clock", str(clock))
    ours = ("--gateway", f"http://localhost:{port}")
    with redis_server() as redis, serving("sandbox", *ours, cwd=folder, health="/") as platform:
        settings = exports(platform.said) | {
            "PYTHONPATH": str(ROOT),
            "BFF_REDIS__URL": redis.url,
            "BFF_SESSION__KEYS": RING_KEY,
            "BFF_LOG__FORMAT": "json",
        }
        if HAS_METRICS:
            settings["BFF_OPERATIONS__PORT"] = str(port + 1)
        with (
            serving("serve", cwd=folder, settings=settings, port=port, program=program) as gateway,
            Browser(gateway.origin) as browser,
            httpx.Client(base_url=platform.origin, trust_env=False) as sandbox,
        ):
            yield Scene(gateway, sandbox, redis, clock, browser, folder)


@pytest.fixture
def calm(scene: Scene) -> Scene:
    scene.well()
    return scene


@pytest.mark.holds(77, 85)
def test_one_group_of_the_platform_fails(calm: Scene) -> None:
    """Its breaker opens, what is kept is served stale, and the steps lead to the platform."""
    calm.fault("getCampaigns", "status", status=503)
    calm.pass_by(LATER)
    while "breaker of" not in calm.gateway.said[calm.begins :]:
        calm.browser.get(UNKEPT)
    output = calm.follow()
    assert "detail=stale" in output
    assert f"age: {LATER:.0f}"[:6] in output.lower()
    assert "breaker of Meta campaigns" in output
    assert '"status":"ok"' in output
    assert conclusion(output) == "platform-down"


@pytest.mark.holds(93)
def test_the_platform_refuses_our_key(calm: Scene) -> None:
    """The same steps, and another conclusion."""
    calm.fault("*", "key-revoked")
    calm.pass_by(LATER)
    assert conclusion(calm.follow()) == "key-refused"


@pytest.mark.holds(92)
def test_redis_is_away(calm: Scene) -> None:
    calm.redis.stop()
    calm.pass_by(LATER)
    assert conclusion(calm.follow()) == "redis-away"


def test_nothing_is_wrong(calm: Scene) -> None:
    """The steps find no cause where there is none."""
    output = calm.follow()
    while "access-unavailable" in output:
        # A machine too busy to ask Redis within 40 ms has an outage of its own (decision 13).
        output = calm.follow()
    assert "detail=stale" not in output
    assert conclusion(output) == ""
