"""Writes the table of settings into README.md, between its two marks.

With `--check` nothing is written: exit 1 says that the table is not what would be written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from env_example import default, walk

from app.settings import PREFIX, Settings

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- settings: written by `make documents` -->\n", "<!-- end of settings -->\n"


def main(arguments: list[str]) -> int:
    before = README.read_text("utf-8")
    head, _, rest = before.partition(BEGIN)
    _, _, tail = rest.partition(END)
    after = "".join([head, BEGIN, *table(), END, tail])
    if "--check" not in arguments:
        README.write_text(after, "utf-8")
    elif after != before:
        print(f"{README.name} is not up to date: run `make documents`.", file=sys.stderr)
        return 1
    return 0


def table() -> Iterator[str]:
    yield "| Setting | Default | Meaning |\n|---|---|---|\n"
    for _, name, info in walk(Settings, PREFIX):
        standard = f"`{default(info)}`" if default(info) else ""
        meaning = (info.description or "").replace("|", "&#124;")
        yield f"| `{name}` | {standard} | {meaning} |\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
