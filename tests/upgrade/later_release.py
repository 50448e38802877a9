"""`bff serve` as a later release: `python -m tests.upgrade.later_release {next,after} serve --port …`.

`next` is the release that follows this one: it reads the next version of every form, and writes this
one's. `after` follows that one: it writes the next version. What it writes is nothing that this release
could make sense of, in whatever form it is: bytes in reverse, behind a mark of their own.
"""

from __future__ import annotations

import importlib.metadata
import sys
from typing import Any

from app import sealing

MARK = b"\xff later \xff"
RELEASES = {"next": "0.2.0", "after": "0.3.0"}


def become(release: str) -> None:
    """To be called before anything else of the gateway is imported."""

    class LaterForm(sealing.Form):
        """Every form of this release, as the later one declares it."""

        def __init__(self, purpose: str) -> None:
            writes = 2 if release == "after" else 1
            super().__init__(purpose, writes=writes, reads=(1, 2))

    class LaterSealing(sealing.Sealing):
        def seal(self, form: sealing.Form, record: bytes, plain: bytes) -> bytes:
            inside = MARK + plain[::-1] if form.writes == 2 else plain
            return super().seal(form, record, inside)

        def open(self, form: sealing.Form, record: bytes, sealed: bytes) -> bytes:
            plain = super().open(form, record, sealed)
            return plain[len(MARK) :][::-1] if plain.startswith(MARK) else plain

    known = importlib.metadata.version

    def version(distribution_name: str) -> str:
        return RELEASES[release] if distribution_name == "ads-bff" else known(distribution_name)

    replaced: Any = sealing
    replaced.Form, replaced.Sealing = LaterForm, LaterSealing
    importlib.metadata.version = version


def main() -> None:
    become(sys.argv.pop(1))
    from app.cli import main as bff  # noqa: PLC0415  # after the versions are raised

    bff()


if __name__ == "__main__":
    main()
