"""The command `bff`: serve, sandbox, check, operations, openapi, revoke, forget."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from app.catalogue.composed import Composed
from app.catalogue.extensions import catalogue_with
from app.catalogue.operations import INTERNAL
from app.catalogue.upstream_document import upstream_document
from app.clock import MovableClock, SystemClock
from app.leaving import forget as forget_user
from app.leaving import revoke as revoke_user
from app.main import create_app, unsound
from app.observe.logs import make_log, tame_others
from app.operations import beside, listen_beside
from app.sandbox.demo import PEOPLE
from app.sandbox.server import SandboxOptions, SandboxServer
from app.serving import answer, at_port, listen, until_stopped
from app.settings import Environment, Settings, SettingsFault, known_names, load
from app.settings_check import risks
from app.workers.supervisor import check_shareable, serve_by_workers

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on")]
User = Annotated[str, typer.Option(help="The user's id, as the user claim names it")]


def main() -> None:
    """The entry point of the console script; faults of the settings end it with a sentence each."""
    try:
        cli()
    except SettingsFault as fault:
        for sentence in fault.sentences:
            print(sentence, file=sys.stderr)
        sys.exit(1)


@cli.command()
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


@cli.command()
def sandbox(
    port: Port = 8001,
    gateway: Annotated[
        str, typer.Option(help="Origin of the gateway that uses it")
    ] = "http://localhost:8000",
    api_key: Annotated[str, typer.Option(help="The tenant key that it accepts")] = "sandbox-key",
    lax: Annotated[bool, typer.Option(help="Enforce neither permissions nor tokens")] = False,
) -> None:
    """Run the sandbox alone: the ads platform and an identity provider, on this machine only."""
    options = SandboxOptions(
        origin="",
        gateway_origin=gateway,
        api_key=api_key,
        enforce_permissions=not lax,
        enforce_tokens=not lax,
    )
    server = sandbox_server(options, port)
    server.start()
    print(f"Sandbox on {server.origin}. A gateway uses it with:", flush=True)
    for name, value in sandbox_environment(server.origin, options).items():
        print(f"  export {name}={value}", flush=True)
    with until_stopped():
        server.wait()
    server.stop()


@cli.command()
def check() -> None:
    """Validate the settings and explain each risky one; exit 1 when they are unsafe."""
    try:
        settings = load(os.environ)
        found = unsound(settings, SystemClock())
    except SettingsFault as fault:
        found = fault.sentences
    else:
        for sentence in risks(settings):
            print(f"risk: {sentence}")
    for sentence in found:
        print(f"fault: {sentence}")
    if found:
        print(
            f"{len(found)} fault(s): the gateway would not start. Settings: {', '.join(known_names())}"
        )
        raise typer.Exit(1)
    print("The settings are sound.")


@cli.command()
def operations() -> None:
    """The table of operations: route, upstream address and its evidence, access, keep."""
    rows = [("operation", "route", "no.", "upstream", "evidence", "access", "keep")]
    for operation in catalogue_with(load(os.environ).catalogue.extra).operations:
        upstream = operation.upstream
        composed = issubclass(operation, Composed)
        keep = "per part" if composed else str(getattr(operation, "keep", "–"))
        address = (
            (str(upstream.number or "–"), upstream.address, upstream.evidence)
            if upstream
            else ("–", "–", "–")
        )
        rows.append((operation.id, operation.route, *address, ", ".join(operation.access), keep))
    for name, internal in INTERNAL.items():
        rows.append(
            (name, "–", str(internal.number), internal.address, internal.evidence, "internal", "–")
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


@cli.command()
def openapi(
    directory: Annotated[Path, typer.Argument(help="Where the documents are written")] = Path(
        "openapi"
    ),
) -> None:
    """Write bff.json (what is offered) and upstream.json (what is expected of the platform)."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, document in documents(load(os.environ).catalogue.extra).items():
        (directory / name).write_text(document, "utf-8")
        print(directory / name)


@cli.command()
def revoke(user: User) -> None:
    """End every session of a user at every replica, and refuse what was issued to him until now."""
    _tell(asyncio.run(revoke_user(sound_settings(), user, SystemClock())))


@cli.command()
def forget(user: User) -> None:
    """Revoke, and erase what is remembered of a user, refusals included: first remove him elsewhere."""
    _tell(asyncio.run(forget_user(sound_settings(), user, SystemClock())))


def sound_settings() -> Settings:
    """Those that the gateway runs with: with others this would reach another installation, or none."""
    settings = load(os.environ)
    if found := unsound(settings, SystemClock()):
        raise SettingsFault(found)
    return settings


def _tell(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        print(sentence)


def documents(extra: Sequence[str] = ()) -> dict[str, str]:
    """Both documents as text, the same on every machine; `extra` modules are described as well."""
    settings = Settings.model_validate(
        {
            "env": Environment.DEVELOPMENT,
            "upstream": {"base_url": "http://127.0.0.1:1/api/v1", "api_key": "none"},
            "identity": {
                "oidc": {
                    "issuer": "http://127.0.0.1:1",
                    "client_id": "none",
                    "client_secret": "none",
                }
            },
            "public": {"origin": "http://localhost:8000"},
            "ledger": {"path": ":memory:"},
            "catalogue": {"extra": extra},
        }
    )
    described = {
        "bff.json": create_app(settings).openapi(),
        "upstream.json": upstream_document(catalogue_with(extra)),
    }
    return {
        name: json.dumps(document, indent=2, ensure_ascii=False, sort_keys=False) + "\n"
        for name, document in described.items()
    }


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


def sandbox_server(options: SandboxOptions, port: int) -> SandboxServer:
    """A sandbox that has its port."""
    try:
        return SandboxServer(options, MovableClock(), port=port)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "there is no such port"
        raise SettingsFault([f"The sandbox cannot listen on port {port}: {why}."]) from None


def sandbox_environment(origin: str, options: SandboxOptions) -> dict[str, str]:
    """The settings with which a gateway uses a sandbox of another process."""
    return {
        "BFF_UPSTREAM__BASE_URL": f"{origin}/api/v1",
        "BFF_UPSTREAM__API_KEY": options.api_key,
        "BFF_IDENTITY__OIDC__ISSUER": f"{origin}/idp",
        "BFF_IDENTITY__OIDC__CLIENT_ID": options.client_id,
        "BFF_IDENTITY__OIDC__CLIENT_SECRET": options.client_secret,
        "BFF_IDENTITY__ENTERPRISE_CLAIM": "enterprises",
    }


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


if __name__ == "__main__":
    main()
