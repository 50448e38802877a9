"""Run the gateway."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from typing import Annotated

import typer
from fastapi import FastAPI
from pydantic import SecretStr

from app.commands.options import Port, until_stopped
from app.commands.sandbox import sandbox_server
from app.main import create_app
from app.observe.logs import make_log, tame_others
from app.parts import Parts
from app.sandbox.demo import PEOPLE
from app.sandbox.server import SandboxOptions, SandboxServer
from app.serving import Server, calm_collector, config_of
from app.settings import Settings, SettingsFault, load


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes")] = 1,
) -> None:
    """Run the gateway; without a platform configured, in development, with the embedded sandbox."""
    if workers > 1:
        raise SettingsFault(
            ["--workers: one process each; start one per replica, with the same BFF_REDIS__URL."]
        )
    settings = at_port(load(os.environ), port)
    listening = listen(host, port)
    sandbox = None
    if settings.uses_sandbox:
        sandbox, settings = embedded_sandbox(settings, port + 1)
        sandbox.start()
    try:
        app = create_app(settings)
        tame_others(make_log(settings.log, sys.stdout))
        print(welcome(settings, sandbox), flush=True)
        answer(app, listening)
    finally:
        if sandbox is not None:
            sandbox.stop()


def listen(host: str, port: int) -> socket.socket:
    """The address to answer on, taken before anything else is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        # Python's own text repeats the address; what is wrong with a name has no such text.
        odd_name = isinstance(error, socket.gaierror)
        why = error.strerror if odd_name else os.strerror(error.errno or 0)
        raise SettingsFault([f"Cannot listen on {host}, port {port}: {why}."]) from None


def answer(app: FastAPI, listening: socket.socket) -> None:
    """Answer requests until a signal ends it; what is being answered then is finished first."""
    parts: Parts = app.state.parts
    calm_collector()
    with until_stopped():
        Server(config_of(app), parts.drain, parts.settings.drain_seconds).run(sockets=[listening])


def at_port(settings: Settings, port: int) -> Settings:
    """In development the origin is this machine's, unless the settings name one."""
    if settings.public.origin is not None or settings.production:
        return settings
    public = settings.public.model_copy(update={"origin": f"http://localhost:{port}"})
    return settings.model_copy(update={"public": public})


def embedded_sandbox(settings: Settings, port: int) -> tuple[SandboxServer, Settings]:
    """A sandbox for this process alone, and the settings that use it."""
    key = secrets.token_urlsafe(24)
    options = SandboxOptions(origin="", gateway_origin=settings.origin, api_key=key)
    server = sandbox_server(options, port)
    upstream = settings.upstream.model_copy(
        update={"base_url": f"{server.origin}/api/v1", "api_key": SecretStr(key)}
    )
    identity = settings.identity
    if identity.oidc.issuer is None:
        oidc = identity.oidc.model_copy(
            update={
                "issuer": f"{server.origin}/idp",
                "client_id": options.client_id,
                "client_secret": SecretStr(options.client_secret),
            }
        )
        identity = identity.model_copy(update={"oidc": oidc, "enterprise_claim": "enterprises"})
    ledger = settings.ledger
    if "path" not in ledger.model_fields_set:
        # The sandbox forgets everything when it ends; a ledger that did not would contradict it.
        ledger = ledger.model_copy(update={"path": ":memory:"})
    update = {"upstream": upstream, "identity": identity, "ledger": ledger}
    return server, settings.model_copy(update=update)


def welcome(settings: Settings, sandbox: SandboxServer | None) -> str:
    """What a newcomer needs to see first."""
    origin = settings.origin
    if sandbox is None:
        return f"ads-bff on {origin}"
    console = f"  console            {origin}/"
    places = (
        f"  application        {origin}/\n{console}console" if settings.spa.directory else console
    )
    users = "\n".join(f"    {person.login:5} {person.role}" for person in PEOPLE)
    return f"""\
ads-bff on {origin}, with the embedded sandbox: nothing is real, nothing leaves this machine.

{places}
  API documentation  {origin}/docs
  sandbox            {sandbox.origin}/  (ads platform and identity provider)
  demo users
{users}

Sign in from a shell, and read the teams of a workspace:

  curl -sL -c bff.cookies -b bff.cookies -o /dev/null -d user=ben "$(curl -s -c bff.cookies -o /dev/null -w '%{{redirect_url}}' {origin}/auth/login)"
  curl -s -b bff.cookies -H 'X-BFF: 1' {origin}/api/v1/workspaces/acme/teams
"""
