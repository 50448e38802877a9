"""Record what passes between a gateway and the platform."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from app.catalogue.extensions import catalogue_with
from app.clock import SystemClock
from app.commands.options import Port
from app.recorder.addresses import Addresses
from app.recorder.declared import names_of
from app.recorder.proxy import Recorder
from app.recorder.pseudonyms import Pseudonyms
from app.recorder.sanitising import Sanitising
from app.serving import listen, until_stopped
from app.settings import Settings, SettingsFault, load
from app.settings_check import is_loopback
from app.tape import TapeWriter
from app.upstream.exchange import HttpxExchange


def record(
    upstream: Annotated[str, typer.Option(help="The platform's address, with its base path")],
    out: Annotated[Path, typer.Option(help="The tape, a file that is not there yet")],
    port: Port = 8002,
) -> None:
    """Stand between a gateway and the platform, and write down what passes, without anybody's data."""
    settings = load(os.environ)
    parts = urlsplit(upstream)
    if not parts.hostname or not (parts.scheme == "https" or is_loopback(upstream)):
        raise SettingsFault(["--upstream: name the platform by https, or by http on this machine."])
    listening = listen("127.0.0.1", port)
    tape = _new_tape(out)
    print(f"Recording {parts.netloc} to {out}. Point a gateway here:")
    print(f"  export BFF_UPSTREAM__BASE_URL=http://127.0.0.1:{port}{parts.path}", flush=True)
    recorder, exchange = recorder_of(settings, upstream, tape)
    with until_stopped():
        uvicorn.Server(config_of(recorder, exchange, port)).run(sockets=[listening])
    tape.close()
    print(f"{recorder.recorded} exchange(s) recorded.")
    if recorder.withheld:
        print(f"{recorder.withheld} withheld: a part of a key or a token was in them.")


def recorder_of(
    settings: Settings, upstream: str, tape: TapeWriter
) -> tuple[Recorder, HttpxExchange]:
    catalogue = catalogue_with(settings.catalogue.extra)
    pseudonyms = Pseudonyms()
    limits = settings.upstream
    exchange = HttpxExchange(
        connect_timeout=limits.connect_timeout, max_connections=limits.max_connections
    )
    recorder = Recorder(
        upstream,
        exchange,
        Addresses(catalogue, limits.routes),
        pseudonyms,
        Sanitising(names_of(catalogue.operations), pseudonyms),
        tape,
        SystemClock(),
    )
    return recorder, exchange


def config_of(recorder: Recorder, exchange: HttpxExchange, port: int) -> uvicorn.Config:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await exchange.close()

    return uvicorn.Config(
        Starlette(routes=[Route("/{rest:path}", recorder)], lifespan=lifespan),
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def _new_tape(out: Path) -> TapeWriter:
    try:
        return TapeWriter(out)
    except FileExistsError:
        sentence = "--out: there is a file already; the pseudonyms of two recordings do not mix."
    except OSError as error:
        sentence = f"--out: cannot be written: {os.strerror(error.errno or 0)}."
    raise SettingsFault([sentence])
