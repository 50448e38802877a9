"""Prism as the platform: a mock server of others that knows nothing but openapi/upstream.json."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.programs import HERE, MODULES, node, running
from tests.ports import free_port

DOCUMENT = HERE.parents[1] / "openapi" / "upstream.json"
PACKAGE = "@stoplight/prism-cli"
PRISM = MODULES / PACKAGE / "dist" / "index.js"


@contextmanager
def prism(log: Path) -> Iterator[str]:
    """Its origin. `--errors` makes it refuse every request that the document does not allow."""
    port = free_port()
    options = ["mock", "--errors", "--host", "127.0.0.1", "--port", str(port)]
    with running([node(PACKAGE), str(PRISM), *options, str(DOCUMENT)], port, log):
        yield f"http://127.0.0.1:{port}"
