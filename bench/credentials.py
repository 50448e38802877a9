"""Who asks: host tokens for everybody, and sessions of the gateway by the real sign-in."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey

from bench.load.client import Answer, connect
from bench.machine import CHECKOUT
from bench.programs import Program, free_port, running

# A secret of nothing: whoever can read it can start the benchmark.
SECRET = "the-secret-of-a-benchmark-is-none-at-all"  # noqa: S105
ISSUER, AUDIENCE = "https://product.example", "ads"
COOKIE = "session"
TOKEN_SECONDS = 3600
CLIENT_ID, CLIENT_SECRET = "bench", "a-client-secret-of-a-benchmark"
# How many people sign in at once.
ABREAST = 16


def host_token(user: int, *, secret: str = SECRET, age: int = 0) -> str:
    """The product's own session JWT (HS256) for user `user-N`, issued `age` seconds ago."""
    issued = int(time.time()) - age
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": f"user-{user}",
        "iat": issued,
        "nbf": issued,
        "exp": issued + TOKEN_SECONDS,
    }
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, OctKey.import_key(secret))


def host_cookie(user: int) -> str:
    return f"{COOKIE}={host_token(user)}"


@contextmanager
def identity_provider(folder: Path, core: int) -> Iterator[Program]:
    """The provider that signs in whomever a code names."""
    port = free_port()
    command = [sys.executable, "-m", "bench.provider", str(port)]
    with running(
        command, port=port, core=core, log=folder / "provider.log", folder=CHECKOUT
    ) as program:
        yield program


def issuer_at(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def sign_in(gateway: int, issuer: str, users: Sequence[int]) -> dict[int, str]:
    """The `Cookie` header of each user's new session at the gateway on that port."""
    return asyncio.run(_sign_in(gateway, issuer, users))


async def _sign_in(gateway: int, issuer: str, users: Sequence[int]) -> dict[int, str]:
    waiting, cookies = list(users), {}

    async def sign_in_some() -> None:
        connection = await connect(gateway)
        while waiting:
            user = waiting.pop()
            started = await connection.ask("GET", "/auth/login")
            asked = parse_qs(urlsplit(started.header("location") or "").query)
            answer = {
                "state": asked["state"][0],
                "code": code_for(f"user-{user}", asked["nonce"][0]),
                "iss": issuer,
            }
            headers = {"Cookie": _set(started), "Sec-Fetch-Site": "cross-site"}
            target = f"/auth/callback?{urlencode(answer)}"
            finished = await connection.ask("GET", target, headers)
            assert finished.status == 303, finished.body
            cookies[user] = _set(finished)
        connection.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(min(ABREAST, len(waiting))):
            group.create_task(sign_in_some())
    return cookies


def code_for(user: str, nonce: str) -> str:
    """A code that says whom to sign in, for the provider of benchmarks to read."""
    told = json.dumps({"user": user, "nonce": nonce}).encode()
    return urlsafe_b64encode(told).decode().rstrip("=")


def _set(answer: Answer) -> str:
    """The cookie that was set last and not taken away."""
    lines = [value for name, value in answer.headers if name == "set-cookie"]
    kept = [line.partition(";")[0] for line in lines if "Max-Age=0" not in line]
    assert kept, answer
    return kept[-1]
