"""Run the gateway."""

from __future__ import annotations

import os
import secrets
import sys
from typing import Annotated

import typer
from pydantic import SecretStr

from app.commands.options import Port
from app.commands.sandbox import sandbox_server
from app.main import create_app
from app.observe.logs import make_log, tame_others
from app.operations import beside, listen_beside
from app.sandbox.demo import PEOPLE
from app.sandbox.server import SandboxOptions, SandboxServer
from app.serving import answer, at_port, listen
from app.settings import Settings, load
from app.workers.supervisor import check_shareable, serve_by_workers


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes; several need Redis")] = 1,
) -> None:
    """Run the gateway; without a platform configured, in development, with the embedded sandbox."""
    settings = at_port(load(os.environ), port)
    if workers > 1:
        check_shareable(settings)
    listening = listen(host, port)
    operations = listen_beside(settings.operations)
    if workers > 1:
        print(welcome(settings, None), flush=True)
        sys.exit(serve_by_workers(settings, workers, listening, port, operations))
    sandbox = None
    if settings.uses_sandbox:
        sandbox, settings = embedded_sandbox(settings, port + 1)
        sandbox.start()
    try:
        app = create_app(settings)
        tame_others(make_log(settings.log, sys.stdout))
        print(welcome(settings, sandbox), flush=True)
        answer(app, listening, beside(app, operations))
    finally:
        if sandbox is not None:
            sandbox.stop()


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
