"""A platform, the recorder before it, a gateway before that; and a gateway before what was recorded."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from app.clock import MovableClock
from app.commands.record import config_of, recorder_of
from app.main import create_app
from app.recorder.proxy import Recorder
from app.sandbox.server import SandboxOptions, SandboxServer
from app.settings import load
from app.tape import TapeWriter, read_tape
from app.testing.world import API_KEY, GatewayServer, World, no_jitter, settings_for
from tests.ports import free_port


@dataclass
class Recording:
    """What is recorded, by which recorder, and the gateway that asks it."""

    world: World
    recorder: Recorder

    def renamed(self, target: str) -> str:
        """The target with pseudonyms in it."""
        given = sorted(self.recorder._pseudonyms._given.items(), key=lambda one: -len(one[0]))
        for text, pseudonym in given:
            if len(text) > 2:
                target = target.replace(f"/{text}", f"/{pseudonym}").replace(
                    f"={text}", f"={pseudonym}"
                )
        return target


@contextmanager
def recording(tape: Path) -> Iterator[Recording]:
    """Until its end everything that the gateway asks goes on the tape."""
    writer = TapeWriter(tape)
    gateway = GatewayServer()
    with sandbox(gateway) as platform:
        settings = load({})
        recorder, exchange = recorder_of(settings, f"{platform.origin}/api/v1", writer)
        port = free_port()
        with serving(config_of(recorder, exchange, port)):
            base_url = f"http://127.0.0.1:{port}/api/v1"
            with asking(gateway, platform, upstream={"base_url": base_url}) as running:
                yield Recording(running, recorder)
    writer.close()


@contextmanager
def replaying(tape: Path) -> Iterator[World]:
    """A gateway whose platform is the tape."""
    gateway = GatewayServer()
    with sandbox(gateway, tape=tuple(read_tape(tape))) as platform, asking(gateway, platform) as it:
        yield it


@contextmanager
def sandbox(gateway: GatewayServer, **more: Any) -> Iterator[SandboxServer]:
    options = SandboxOptions("", gateway.origin, API_KEY, **more)
    platform = SandboxServer(options, MovableClock(), port=0)
    platform.start()
    try:
        yield platform
    finally:
        platform.stop()


@contextmanager
def serving(config: uvicorn.Config) -> Iterator[None]:
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def asking(gateway: GatewayServer, platform: SandboxServer, **groups: Any) -> Iterator[World]:
    log = io.StringIO()
    settings = settings_for(platform.origin, gateway.origin, **{"cache": {"max_bytes": 0}} | groups)
    clock = MovableClock()
    gateway.start(create_app(settings, clock=clock, log_stream=log, chance=no_jitter))
    running = World(platform, gateway, clock, log)
    try:
        yield running
    finally:
        for browser in running.browsers:
            browser.close()
        gateway.stop()
