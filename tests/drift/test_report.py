"""The report is answered on a port for operations, and `bff drift` prints it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.measuring import Measuring
from app.operations import Here, OperationsServer
from app.serving import listen
from app.testing.world import World, plain_client, world
from tests.commands.running import bff
from tests.drift.answers import CAMPAIGNS, answers, campaign
from tests.ports import free_port


@contextmanager
def operations_port(running: World) -> Iterator[str]:
    """The port of operations of this gateway; gives its address."""
    port = free_port()
    measuring = Measuring(running.parts, running.gateway.app.state.memory)
    server = OperationsServer(Here(measuring), listen("127.0.0.1", port))
    loop = running.gateway._server.servers[0].get_loop()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result()


def test_drift_is_printed(tmp_path: Path) -> None:
    """Nothing at first; then what was seen, with how often and since when."""
    with world() as running, operations_port(running) as url:
        quiet = bff("drift", "--url", url, cwd=tmp_path)
        assert (quiet.returncode, quiet.stdout[:31]) == (0, "Everything was as declared sinc")
        answers(running, "getCampaigns", [campaign(1, shade="green")])
        running.sign_in("ana").read(CAMPAIGNS)
        told = bff("drift", "--url", url, cwd=tmp_path)
        assert told.returncode == 0
        (line,) = [line for line in told.stdout.splitlines() if "shade" in line]
        assert line.split()[:4] == ["listCampaigns", "undeclared", "shade", "1"]


def test_only_reads_are_answered_and_nobody_keeps_them() -> None:
    """The report is of this moment, and changes nothing."""
    with world() as running, operations_port(running) as url, plain_client(url) as client:
        answer = client.get("/drift")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert set(answer.json()) == {"since", "overlooked", "drift"}
        assert client.post("/drift").status_code == 405


def test_no_report_is_a_sentence(tmp_path: Path) -> None:
    """Whatever stands at the address, or does not, the command says where a report would be."""
    for url in (f"http://127.0.0.1:{free_port()}", "http://[::1"):
        told = bff("drift", "--url", url, cwd=tmp_path)
        assert (told.returncode, told.stdout) == (1, "")
        assert told.stderr.startswith("--url: no report there")
