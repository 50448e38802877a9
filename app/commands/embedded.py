"""The sandbox that a gateway brings along where no platform is configured, and what a newcomer is told."""

from __future__ import annotations

import secrets

from pydantic import SecretStr

from app.commands.sandbox import sandbox_server
from app.sandbox.demo import PEOPLE
from app.sandbox.server import SandboxOptions, SandboxServer
from app.settings import Settings


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


def introduction(settings: Settings, sandbox: SandboxServer) -> str:
    """What a newcomer needs to see first."""
    origin = settings.origin
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
