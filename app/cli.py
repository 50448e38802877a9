"""The command `bff`: what it can do, and how it says that it cannot."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from app.settings import SettingsFault

# The modules of app/commands, and the functions in them that are commands. Only what is asked for is
# loaded: whoever serves needs neither a recorder nor the checks.
COMMANDS = {
    "serve": ("serve",),
    "sandbox": ("sandbox",),
    "check": ("check",),
    "described": ("operations", "openapi"),
    "drift": ("drift",),
    "record": ("record",),
    "leaving": ("revoke", "forget"),
}

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@cli.callback()
def bff() -> None:
    """A backend-for-frontend gateway before a third-party ads platform."""


def main() -> None:
    """The entry point of the console script; faults of the settings end it with a sentence each."""
    named = set(sys.argv[1:2])
    known = {command for commands in COMMANDS.values() for command in commands}
    for module, commands in COMMANDS.items():
        for command in commands:
            if command in named or not named & known:
                cli.command()(getattr(import_module(f"app.commands.{module}"), command))
    try:
        cli()
    except SettingsFault as fault:
        for sentence in fault.sentences:
            print(sentence, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
