"""The command `bff`: what it can do, and how it says that it cannot."""

from __future__ import annotations

import sys

import typer

from app.commands.check import check
from app.commands.described import openapi, operations
from app.commands.drift import drift
from app.commands.leaving import forget, revoke
from app.commands.record import record
from app.commands.sandbox import sandbox
from app.commands.serve import serve
from app.settings import SettingsFault

COMMANDS = (serve, sandbox, check, operations, openapi, drift, record, revoke, forget)

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in COMMANDS:
    cli.command()(command)


def main() -> None:
    """The entry point of the console script; faults of the settings end it with a sentence each."""
    try:
        cli()
    except SettingsFault as fault:
        for sentence in fault.sentences:
            print(sentence, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
