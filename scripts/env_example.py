"""Writes .env.example from the settings: every name, what it means, what it is when not set.

With `--check` nothing is written: exit 1 says that the file is not what would be written.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from textwrap import wrap

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.settings import DELIMITER, PREFIX, Settings

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"
HEAD = """\
# Every setting of the gateway. Nothing is set here: take the # away from what you change.
# A secret belongs into a file named by the _FILE form, or into your secret store, not into this.
#
#   docker run --env-file .env ...          a container
#   set -a; . ./.env; set +a; bff check     a shell: says what is missing and what is risky
"""


def main(arguments: list[str]) -> int:
    text = "\n".join([HEAD, *lines()])
    if "--check" not in arguments:
        EXAMPLE.write_text(text, "utf-8")
    elif not EXAMPLE.is_file() or EXAMPLE.read_text("utf-8") != text:
        print(f"{EXAMPLE.name} is not up to date: run `make documents`.", file=sys.stderr)
        return 1
    return 0


def lines() -> Iterator[str]:
    group = PREFIX
    for prefix, name, info in walk(Settings, PREFIX):
        if prefix != group:
            group = prefix
            yield f"\n# ---- {prefix}*\n"
        yield from setting(name, info)


def walk(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, FieldInfo]]:
    """(prefix, name, field) of the settings of a group, then those of its inner groups."""
    inner: list[tuple[type[BaseModel], str]] = []
    for field, info in model.model_fields.items():
        name = f"{prefix}{field.upper()}"
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            inner.append((info.annotation, name + DELIMITER))
        else:
            yield prefix, name, info
    for group, group_prefix in inner:
        yield from walk(group, group_prefix)


def setting(name: str, info: FieldInfo) -> Iterator[str]:
    yield from (f"# {line}" for line in wrap(info.description or "", 96))
    yield f"# {name}={default(info)}\n"


def default(info: FieldInfo) -> str:
    """What the setting is when nobody sets it, as it would be written; empty when that depends."""
    value = None if info.default_factory else info.default
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Enum():
            return str(value.value)
        case tuple():
            return ",".join(value)
        case dict():
            return json.dumps(value)
        case _:
            return str(value)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
