"""What the cluster consists of, from one port and one folder."""

from __future__ import annotations

import base64
import secrets
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.commands.sandbox import sandbox_environment
from app.sandbox.server import SandboxOptions
from app.sealing import KEY_BYTES
from deploy.cluster import nginx

REPLICAS = 3
# nginx, each gateway, Redis, the sandbox.
PORTS = 1 + REPLICAS + 2
BFF = str(Path(sys.executable).with_name("bff"))
REDIS = shutil.which("redis-server")
HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Program:
    """One process: it is up when its port answers."""

    name: str
    command: Sequence[str]
    port: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """nginx listens on `port`, everybody else on those that follow; `folder` keeps what is to outlive
    them: what Redis wrote down, the keys, and what each of them said."""

    port: int
    folder: Path

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def gateways(self) -> range:
        return range(self.port + 1, self.port + 1 + REPLICAS)

    @property
    def redis_port(self) -> int:
        return self.port + 1 + REPLICAS

    @property
    def sandbox_port(self) -> int:
        return self.redis_port + 1

    @property
    def sandbox(self) -> str:
        return f"http://{HERE}:{self.sandbox_port}"

    def programs(self) -> list[Program]:
        """In the order of starting: who is asked before those who ask."""
        redis = redis_command(self.redis_port, self._folder("redis"))
        sandbox = [BFF, "sandbox", "--port", str(self.sandbox_port), "--gateway", self.origin]
        settings = self.settings()
        return [
            Program("redis", redis, self.redis_port, {}),
            Program(
                "sandbox",
                [*sandbox, "--api-key", self._api_key().read_text("ascii")],
                self.sandbox_port,
                {},
            ),
            *(
                Program(f"gateway-{number}", [BFF, "serve", "--port", str(port)], port, settings)
                for number, port in enumerate(self.gateways, 1)
            ),
            Program("nginx", self._nginx_command(), self.port, {}),
        ]

    def settings(self) -> dict[str, str]:
        """What every gateway is started with; secrets are in files."""
        options = SandboxOptions(origin="", gateway_origin=self.origin, api_key="in a file")
        settings = sandbox_environment(self.sandbox, options)
        del settings["BFF_UPSTREAM__API_KEY"]
        return settings | {
            "BFF_ENV": "development",
            "BFF_UPSTREAM__API_KEY_FILE": str(self._api_key()),
            "BFF_PUBLIC__ORIGIN": self.origin,
            "BFF_PUBLIC__TRUSTED_PROXIES": HERE,
            "BFF_REDIS__URL": f"redis://{HERE}:{self.redis_port}/0",
            "BFF_SESSION__KEYS_FILE": str(self._ring()),
            "BFF_LOG__FORMAT": "json",
        }

    def _nginx_command(self) -> list[str]:
        assert nginx.BINARY is not None
        folder = self._folder("nginx")
        values = {
            "REPLICAS": nginx.replicas([f"{HERE}:{port}" for port in self.gateways]),
            "LISTEN": f"{HERE}:{self.port}",
            "CERTIFICATE": "",
        }
        servers = nginx.filled(nginx.TEMPLATE.read_text("utf-8"), values)
        file = folder / "nginx.conf"
        file.write_text(nginx.framed(folder, servers), "utf-8")
        return [nginx.BINARY, "-p", str(folder), "-c", str(file)]

    def _ring(self) -> Path:
        """The keys stay the same, so that sessions outlive the cluster as well as each of its parts."""
        return self._kept("ring", base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())

    def _api_key(self) -> Path:
        return self._kept("platform-key", secrets.token_urlsafe(24))

    def _kept(self, name: str, text: str) -> Path:
        """A file with this text, or with what stands in it already."""
        file = self._folder(".") / name
        if not file.exists():
            file.touch(0o600)
            file.write_text(text, "ascii")
        return file

    def _folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder.resolve()


def redis_command(port: int, folder: Path | None) -> list[str]:
    """Redis on loopback. With a folder it writes down what changes, as one is meant to be run; without
    one it forgets everything when it ends."""
    assert REDIS is not None
    kept = ["--appendonly", "yes", "--dir", str(folder)] if folder else []
    command = [REDIS, "--port", str(port), "--bind", HERE, "--save", "", "--loglevel", "warning"]
    return [*command, "--maxmemory-policy", "noeviction", *kept]


def missing() -> list[str]:
    """What has to be installed first."""
    programs = {"redis-server": REDIS, "nginx": nginx.BINARY}
    return [name for name, found in programs.items() if found is None]
