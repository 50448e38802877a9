"""Everything that takes part, started: the platform, the provider, the gateway and its peers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.credentials import host_cookie, identity_provider, issuer_at, sign_in
from bench.gateway import PAGE, gateway
from bench.machine import NJS, NODE, NODE_MODULES, Cores
from bench.peers.fastapi import fastapi
from bench.peers.fastify import keeping, trimming
from bench.peers.nginx_cache import by_cookie, verified
from bench.peers.peer import Body, Contestant, Peer
from bench.platform import Platform, platform
from bench.programs import Program
from bench.reads import Reading
from bench.scene import Scene

NODE_MISSING = (
    "" if NODE and (NODE_MODULES / "fastify").is_dir() else "scripts/node-packages was not run"
)
NJS_MISSING = "" if NJS.exists() else "scripts/system-packages bench was not run"

PEERS = (
    Peer("nginx", "", by_cookie),
    Peer("nginx+njs", NJS_MISSING, verified),
    Peer("fastify", NODE_MISSING, keeping),
    Peer("fastify+undici", NODE_MISSING, trimming),
    Peer("fastapi", "", fastapi),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs. `contestants` by name: `bff` (its session), `bff+jwt`, `platform` and the peers."""

    folder: Path
    cores: Cores
    scene: Scene
    platform: Platform
    provider: Program
    contestants: Mapping[str, Contestant]
    missing: Mapping[str, str]

    @property
    def issuer(self) -> str:
        return issuer_at(self.provider.port)

    def among(self, *names: str) -> list[Contestant]:
        """Those of the named ones that are there."""
        return [self.contestants[name] for name in names if name in self.contestants]


@contextmanager
def stage(scene: Scene, folder: Path, cores: Cores) -> Iterator[Stage]:
    """The server under test has a core of its own: only one is asked at a time."""
    with ExitStack() as stack:
        upstream = stack.enter_context(platform(scene, folder / "platform", cores.others))
        provider = stack.enter_context(identity_provider(folder, cores.others))
        issuer = issuer_at(provider.port)
        ours = stack.enter_context(
            gateway(folder / "gateway", upstream.origin, issuer, cores.server)
        )
        contestants = _ours(ours, issuer) | {"platform": _direct(upstream, scene)}
        for peer in PEERS:
            if not peer.missing:
                made = peer.start(folder / peer.name, upstream, cores.server)
                contestants[peer.name] = stack.enter_context(made)
        missing = {peer.name: peer.missing for peer in PEERS if peer.missing}
        yield Stage(folder, cores, scene, upstream, provider, contestants, missing)


def _ours(program: Program, issuer: str) -> dict[str, Contestant]:
    session = sign_in(program.port, issuer, [1])[1]
    return {
        "bff": Contestant(
            "bff", "this gateway, a signed-in session", program, PAGE | {"Cookie": session}
        ),
        "bff+jwt": Contestant(
            "bff+jwt", "this gateway, a host JWT", program, PAGE | {"Cookie": host_cookie(1)}
        ),
    }


def _direct(upstream: Platform, scene: Scene) -> Contestant:
    """The platform asked without anything between: what costs nothing."""

    def target(reading: Reading) -> str:
        return scene.wire[reading.name]

    return Contestant(
        "platform",
        "the platform itself, asked directly",
        upstream.program,
        {},
        body=Body.RAW,
        asks=False,
        verifies=False,
        keeps=False,
        target=target,
    )
