"""nginx's configuration: the template filled in, and the frame that a package or an image brings."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

TEMPLATE = Path(__file__).parents[1] / "nginx" / "default.conf.template"
BINARY = shutil.which("nginx", path="/usr/sbin:/usr/bin")
_NAME = re.compile(r"\$\{([A-Z_]+)\}")
_FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def filled(text: str, values: Mapping[str, str]) -> str:
    """As envsubst does it; raises KeyError where a value is missing."""
    return _NAME.sub(lambda found: values[found[1]], text)


def replicas(addresses: Sequence[str]) -> str:
    """One that refuses or does not answer is passed over for two seconds: it may be gone without a
    word, and then every attempt costs `proxy_connect_timeout`."""
    return " ".join(f"server {address} max_fails=1 fail_timeout=2s;" for address in addresses)


def framed(folder: Path, servers: str) -> str:
    """A whole configuration around these servers: everything that nginx writes is in the folder."""
    temporary = "".join(f"{kind}_temp_path {folder};\n" for kind in _FOLDERS)
    # The folder may be its owner's alone.
    user = "user root; " if os.getuid() == 0 else ""
    return (
        f"{user}daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ include /etc/nginx/mime.types; access_log off;\n{temporary}{servers}}}\n"
    )
