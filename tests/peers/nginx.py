"""nginx, set up as docs/frontends.md prints it, with other names and ports."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from deploy.cluster.nginx import BINARY, framed
from tests.peers.programs import running

TEXT = (Path(__file__).parents[2] / "docs" / "frontends.md").read_text("utf-8")


@contextmanager
def nginx(folder: Path, port: int, gateways: Sequence[int], idle: str = "3s") -> Iterator[None]:
    """It answers on https://localhost:{port}, before gateways on these ports; `folder`/dist holds the
    application's files. `idle`: how long it keeps a connection to one of them. Without nginx a test is skipped; in CI it fails."""
    if BINARY is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI runs nginx, and scripts/system-packages was not run")
        pytest.skip("nginx is not there: scripts/system-packages installs it")
    configuration = _configured(folder, port, gateways, idle)
    command = [BINARY, "-p", str(folder), "-c", str(configuration)]
    with running(command, port, folder / "nginx.log"):
        yield


def _configured(folder: Path, port: int, gateways: Sequence[int], idle: str) -> Path:
    """The printed server, in a frame."""
    (server,) = re.findall(r"^```nginx\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    certificate = trustme.CA().issue_cert("localhost")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    certificate.private_key_pem.write_to_path(folder / "cert.key")
    replica = "    server 127.0.0.1:8000 max_fails=0;\n"
    replacements = {
        replica: "".join(replica.replace("8000", str(gateway)) for gateway in gateways),
        "keepalive_timeout 3s": f"keepalive_timeout {idle}",
        "listen 443": f"listen 127.0.0.1:{port}",
        "app.example.com;": "localhost;",
        "/etc/ssl/app.example.com.pem": str(folder / "cert.pem"),
        "/etc/ssl/app.example.com.key": str(folder / "cert.key"),
        "/srv/app/dist": str(folder / "dist"),
    }
    for printed, here in replacements.items():
        assert printed in server
        server = server.replace(printed, here)
    file = folder / "nginx.conf"
    file.write_text(framed(folder, server), "utf-8")
    return file
