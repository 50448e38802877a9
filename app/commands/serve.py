"""Run the gateway."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from app.commands.options import Port
from app.main import create_app
from app.observe.logs import make_log, tame_others
from app.operations import beside, listen_beside
from app.serving import answer, at_port, listen
from app.settings import load
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
        print(f"ads-bff on {settings.origin}", flush=True)
        sys.exit(serve_by_workers(settings, workers, listening, port, operations))
    sandbox, words = None, ""
    if settings.uses_sandbox:
        # Whoever has a platform need not wait until this is loaded.
        from app.commands.embedded import embedded_sandbox, introduction  # noqa: PLC0415

        sandbox, settings = embedded_sandbox(settings, port + 1)
        sandbox.start()
        words = introduction(settings, sandbox)
    try:
        tame_others(make_log(settings.log, sys.stdout))
        app = create_app(settings)
        print(words or f"ads-bff on {settings.origin}", flush=True)
        answer(app, listening, beside(app, operations))
    finally:
        if sandbox is not None:
            sandbox.stop()
