"""The command `bff`: what it can do, and how it says that it cannot."""

from __future__ import annotations

import gc
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
    # What is loaded stays: to look for garbage meanwhile takes a tenth of the time and finds none.
    gc.disable()
    _load(set(sys.argv[1:2]))
    gc.enable()
    try:
        cli()
    except SettingsFault as fault:
        for sentence in fault.sentences:
            print(sentence, file=sys.stderr)
        sys.exit(1)


def _load(named: set[str]) -> None:
    """The command that is asked for, or all of them."""
    known = {command for commands in COMMANDS.values() for command in commands}
    for module, commands in COMMANDS.items():
        for command in commands:
            if command in named or not named & known:
                cli.command()(getattr(import_module(f"app.commands.{module}"), command))


if __name__ == "__main__":
    main()
