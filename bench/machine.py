"""The machine that is measured on: its cores and who gets which, and what runs in which version."""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
NJS = Path("/usr/lib/nginx/modules/ngx_http_js_module.so")
WRK = shutil.which("wrk")
NODE = shutil.which("node")
NODE_MODULES = Path(__file__).parent / "peers" / "node" / "node_modules"
CHECKOUT = Path(__file__).parents[1]

PACKAGES = (
    "fastapi",
    "uvicorn",
    "uvloop",
    "httptools",
    "pydantic",
    "httpx",
    "httpx2",
    "python-jose",
    "cachetools",
)
NODE_PACKAGES = ("fastify", "@fastify/jwt", "@fastify/cookie", "lru-cache", "undici")


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the server under test runs, and where everything else does: the load, the platform."""

    server: int
    others: int

    @classmethod
    def choose(cls) -> Cores:
        """The last two that this process may use; one for both where there is but one."""
        mine = sorted(os.sched_getaffinity(0))
        return cls(mine[-1], mine[-2] if len(mine) > 1 else mine[-1])


def stay_on(core: int) -> None:
    """This process and whatever it starts, unless that is pinned elsewhere."""
    os.sched_setaffinity(0, {core})


def pinned(command: Sequence[str], core: int) -> list[str]:
    return ["taskset", "--cpu-list", str(core), *command]


def allow_many_files() -> None:
    """A crowd holds a connection each, at both ends of two hops."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def described() -> dict[str, str]:
    """The machine, as a report names it."""
    told = Path("/proc/cpuinfo").read_text("utf-8")
    model = re.search(r"^model name\s*: (.*)$", told, re.MULTILINE)
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text("utf-8"))
    return {
        "cpu": model[1] if model else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory[1]) // 1024} MiB" if memory else "unknown",
        "system": f"{platform.system()} {platform.release()}",
    }


def busy() -> str:
    """What else the machine did in the last minute, as its load average tells."""
    return f"{os.getloadavg()[0]:.2f}"


def versions() -> dict[str, str]:
    """Of everything that takes part; what is not there is not named."""
    found = {"python": f"{platform.python_version()}, {os.path.realpath(sys.executable)}"}
    found |= {name: version(name) for name in PACKAGES}
    if NGINX:
        found["nginx"] = _matched(r"nginx/([\d.]+)", _said([NGINX, "-v"]))
    if NJS.exists():
        found["njs"] = _matched(r"Version: (\S+)", _said(["dpkg", "-s", "libnginx-mod-http-js"]))
    if WRK:
        found["wrk"] = _matched(r"wrk (\S+)", _said([WRK, "-v"]))
    if NODE:
        found["node"] = _said([NODE, "--version"]).strip().removeprefix("v")
        found |= {name: _node_version(name) for name in NODE_PACKAGES}
    return found


def revision() -> str:
    """The commit that is measured, and whether the files differ from it."""
    commit = _said(["git", "-C", str(CHECKOUT), "rev-parse", "--short=12", "HEAD"]).strip()
    changed = _said(["git", "-C", str(CHECKOUT), "status", "--porcelain"]).strip()
    return f"{commit}, with changes" if changed else commit


def command() -> str:
    return " ".join(["python", "-m", "bench", *sys.argv[1:]])


def _node_version(name: str) -> str:
    file = NODE_MODULES / name / "package.json"
    return _matched(r'"version":\s*"([^"]+)"', file.read_text("utf-8")) if file.exists() else "none"


def _said(command: Sequence[str]) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout + done.stderr


def _matched(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else "unknown"
