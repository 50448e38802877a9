"""`bff` whose clock is moved from outside: `python -m tests.operations.moved_clock FILE serve --port …`.

The file holds by how many seconds the clock is ahead of the machine's.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app import clock


def ahead(file: Path) -> type[clock.SystemClock]:
    class Ahead(clock.SystemClock):
        def now(self) -> float:
            return super().now() + float(file.read_text("ascii"))

    return Ahead


def main() -> None:
    clock.SystemClock = ahead(Path(sys.argv.pop(1)))  # type: ignore[misc]
    from app.cli import main as bff  # noqa: PLC0415  # after the clock is another one

    bff()


if __name__ == "__main__":
    main()
