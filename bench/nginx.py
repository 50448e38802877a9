"""nginx as a program of the benchmark: one worker on one core, its folder its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.machine import NGINX
from bench.programs import Program, running

FRAME = """\
{user}daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid {folder}/pid;
error_log stderr error;
{modules}
events {{ worker_connections 8192; multi_accept on; }}
http {{
    access_log off;
    default_type application/json;
    sendfile on;
    tcp_nopush on;
    tcp_nodelay on;
    open_file_cache max=1000 inactive=1h;
    open_file_cache_valid 1h;
    map_hash_bucket_size 512;
    keepalive_timeout 1h;
    keepalive_requests 100000000;
    client_body_temp_path {folder}/client_body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{content}
}}
"""


@contextmanager
def nginx(
    folder: Path, port: int, content: str, *, core: int, modules: str = ""
) -> Iterator[Program]:
    """`content` is what stands in its `http` block."""
    assert NGINX is not None
    # Temporary folders are their owner's alone.
    user = "user root;\n" if os.getuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        FRAME.format(user=user, folder=folder, modules=modules, content=content), "utf-8"
    )
    command = [NGINX, "-p", str(folder), "-c", str(configuration)]
    with running(command, port=port, core=core, log=folder / "nginx.log") as program:
        yield program
