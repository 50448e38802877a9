"""Run the ads platform without the ads platform."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.clock import MovableClock
from app.commands.options import Port
from app.sandbox.server import SandboxOptions, SandboxServer
from app.serving import until_stopped
from app.settings import SettingsFault
from app.tape import Recorded, UnreadableTape, read_tape


def sandbox(
    port: Port = 8001,
    gateway: Annotated[
        str, typer.Option(help="Origin of the gateway that uses it")
    ] = "http://localhost:8000",
    api_key: Annotated[str, typer.Option(help="The tenant key that it accepts")] = "sandbox-key",
    lax: Annotated[bool, typer.Option(help="Enforce neither permissions nor tokens")] = False,
    replay: Annotated[
        Path | None, typer.Option(help="Answer from this tape of `bff record` instead")
    ] = None,
) -> None:
    """Run the sandbox alone: the ads platform and an identity provider, on this machine only."""
    options = SandboxOptions(
        origin="",
        gateway_origin=gateway,
        api_key=api_key,
        enforce_permissions=not lax,
        enforce_tokens=not lax,
        tape=None if replay is None else _tape(replay),
    )
    server = sandbox_server(options, port)
    server.start()
    print(f"Sandbox on {server.origin}. A gateway uses it with:", flush=True)
    for name, value in sandbox_environment(server.origin, options).items():
        print(f"  export {name}={value}", flush=True)
    if replay is not None:
        people = ", ".join(person.login for person in options.people)
        print(f"It answers from {replay}. Who can sign in: {people}", flush=True)
    with until_stopped():
        server.wait()
    server.stop()


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


def _tape(path: Path) -> tuple[Recorded, ...]:
    try:
        return tuple(read_tape(path))
    except UnreadableTape as error:
        raise SettingsFault([f"--replay: {path} {error}."]) from None
