"""nginx's own cache: keyed with the cookie as it is, or with the user of a token that njs verified."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.credentials import AUDIENCE, ISSUER, SECRET, host_cookie
from bench.gateway import PAGE
from bench.machine import NJS
from bench.nginx import nginx
from bench.peers.peer import Contestant
from bench.platform import Platform
from bench.programs import free_port

SCRIPTS = Path(__file__).parent / "nginx"

SERVER = """\
{script}
map $arg_level $public {{ ad 60-kb; default 4-kb; }}
upstream platform {{ server {platform}; keepalive 64; keepalive_requests 100000000; }}
proxy_cache_path {folder}/cache keys_zone=answers:64m levels=1:2 max_size=2g inactive=1h use_temp_path=off;
server {{
    listen 127.0.0.1:{port} backlog=4096;
    location /api/v1/ {{
        if ({who} = "") {{ return 401; }}
        proxy_cache answers;
        proxy_cache_key "{who} $request_uri";
        proxy_cache_valid 200 1h;
        proxy_cache_lock on;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Cookie "";
        proxy_pass http://platform/public/$public?$args;
        add_header Cache-Status "nginx; $upstream_cache_status";
    }}
}}
"""


@contextmanager
def by_cookie(folder: Path, platform: Platform, core: int) -> Iterator[Contestant]:
    """Whoever shows the cookie gets what is kept under it; nothing is verified."""
    folder.mkdir()
    port = free_port()
    content = SERVER.format(
        script="", platform=_address(platform), folder=folder, port=port, who="$cookie_session"
    )
    with nginx(folder, port, content, core=core) as program:
        yield Contestant(
            "nginx",
            "nginx proxy_cache, cookie in the key",
            program,
            PAGE | {"Cookie": host_cookie(1)},
            verifies=False,
        )


@contextmanager
def verified(folder: Path, platform: Platform, core: int) -> Iterator[Contestant]:
    """The token is verified for each request; the key is the user."""
    folder.mkdir()
    port = free_port()
    product = {"secret": SECRET, "issuer": ISSUER, "audience": AUDIENCE}
    (folder / "product.js").write_text(f"export default {json.dumps(product)};\n", "utf-8")
    script = (
        f"js_path {SCRIPTS};\njs_path {folder};\njs_import verify.js;\njs_set $user verify.user;"
    )
    content = SERVER.format(
        script=script, platform=_address(platform), folder=folder, port=port, who="$user"
    )
    modules = f"load_module {NJS};\n"
    with nginx(folder, port, content, core=core, modules=modules) as program:
        yield Contestant(
            "nginx+njs",
            "nginx proxy_cache + JWT verified by njs",
            program,
            PAGE | {"Cookie": host_cookie(1)},
        )


def _address(platform: Platform) -> str:
    return f"127.0.0.1:{platform.program.port}"
