"""The gateway as it ships: `bff serve`, a process, with everything on that is on by default."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.credentials import (
    AUDIENCE,
    CLIENT_ID,
    CLIENT_SECRET,
    COOKIE,
    ISSUER,
    SECRET,
    TOKEN_SECONDS,
)
from bench.programs import Program, free_port, running

BFF = Path(sys.executable).with_name("bff")
# As much as the peers keep.
CACHE_BYTES = 512 * 1024 * 1024
# What a page of ours sends with every request.
PAGE = {"X-BFF": "1", "Sec-Fetch-Site": "same-origin"}


@contextmanager
def gateway(
    folder: Path, platform: str, issuer: str, core: int, under: Sequence[str] = (), **more: str
) -> Iterator[Program]:
    """`more` are further settings, by their full names; `under` begins a command that runs it."""
    folder.mkdir()
    port = free_port()
    settings = _settings(folder, port, platform, issuer) | more
    command = [*under, str(BFF), "serve", "--port", str(port)]
    log = folder / "gateway.log"
    with running(
        command, port=port, core=core, log=log, environment=_bare() | settings, folder=folder
    ) as program:
        yield program


def _settings(folder: Path, port: int, platform: str, issuer: str) -> dict[str, str]:
    """Limits are lifted, since one user asks here for thousands; but for the size of the cache all else
    is as by default."""
    return {
        "BFF_ENV": "development",  # production would not take plain http from a loopback origin
        "BFF_UPSTREAM__BASE_URL": f"{platform}/api/v1",
        "BFF_UPSTREAM__API_KEY": "a-key-of-a-benchmark",
        "BFF_IDENTITY__OIDC__ISSUER": issuer,
        "BFF_IDENTITY__OIDC__CLIENT_ID": CLIENT_ID,
        "BFF_IDENTITY__OIDC__CLIENT_SECRET": CLIENT_SECRET,
        "BFF_IDENTITY__JWT__ISSUER": ISSUER,
        "BFF_IDENTITY__JWT__AUDIENCE": AUDIENCE,
        "BFF_IDENTITY__JWT__ALGORITHMS": "HS256",
        "BFF_IDENTITY__JWT__SECRET": SECRET,
        "BFF_IDENTITY__JWT__COOKIE": COOKIE,
        "BFF_IDENTITY__JWT__MAX_LIFETIME_SECONDS": str(TOKEN_SECONDS),
        "BFF_IDENTITY__SAME_USERS": "true",
        "BFF_PUBLIC__ORIGIN": f"http://localhost:{port}",
        "BFF_CACHE__MAX_BYTES": str(CACHE_BYTES),
        "BFF_LEDGER__PATH": str(folder / "ledger.db"),
        "BFF_LIMITS__LOGINS_PER_MINUTE": "0",
        "BFF_LIMITS__READS_PER_MINUTE": "0",
        "BFF_LIMITS__WRITES_PER_MINUTE": "0",
    }


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("BFF_")}
