"""Fastify with @fastify/jwt (which remembers verified tokens), lru-cache and undici, on Node."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.credentials import AUDIENCE, ISSUER, SECRET, host_cookie
from bench.gateway import PAGE
from bench.machine import NODE
from bench.peers.peer import Body, Contestant
from bench.platform import Platform
from bench.programs import free_port, running

SERVER = Path(__file__).parent / "node" / "server.mjs"


@contextmanager
def keeping(folder: Path, platform: Platform, core: int) -> Iterator[Contestant]:
    """For hits: what it keeps came trimmed, so that it sends the same bytes as all others."""
    with _fastify(folder, platform, core, "0") as contestant:
        yield contestant


@contextmanager
def trimming(folder: Path, platform: Platform, core: int) -> Iterator[Contestant]:
    """For misses: it parses the platform's answer and makes the frontend's of it."""
    with _fastify(folder, platform, core, "1") as contestant:
        yield contestant


@contextmanager
def _fastify(folder: Path, platform: Platform, core: int, trim: str) -> Iterator[Contestant]:
    assert NODE is not None
    folder.mkdir()
    port = free_port()
    environment = {
        **os.environ,
        "NODE_ENV": "production",
        "PORT": str(port),
        "PLATFORM": platform.origin,
        "TRIM": trim,
        "BENCH_SECRET": SECRET,
        "BENCH_ISSUER": ISSUER,
        "BENCH_AUDIENCE": AUDIENCE,
    }
    command = [NODE, str(SERVER)]
    log = folder / "node.log"
    with running(command, port=port, core=core, log=log, environment=environment) as program:
        keeps = "parse and trim" if trim == "1" else "lru-cache"
        yield Contestant(
            "fastify+undici" if trim == "1" else "fastify",
            f"Fastify + @fastify/jwt, tokens remembered, {keeps}",
            program,
            PAGE | {"Cookie": host_cookie(1)},
            body=Body.SAME_JSON if trim == "1" else Body.SAME_BYTES,
        )
