"""`make cluster [PORT=8080]`: three gateways behind nginx, with Redis and the sandbox; Ctrl-C ends all."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from functools import partial
from pathlib import Path

from app.sandbox.demo import PEOPLE
from deploy.cluster.plan import PORTS, Plan, missing
from deploy.cluster.supervisor import Supervisor, taken

say = partial(print, flush=True)


def main() -> int:
    reader = argparse.ArgumentParser(prog="python -m deploy.cluster", description=__doc__)
    reader.add_argument(
        "--port", type=int, default=8080, help="nginx's; the next ones are taken too"
    )
    reader.add_argument("--folder", type=Path, default=Path("var/cluster"), help="what is kept")
    given = reader.parse_args()
    plan = Plan(given.port, given.folder)
    if absent := missing():
        print(f"{' and '.join(absent)} not installed: scripts/system-packages", file=sys.stderr)
        return 1
    if elsewhere := taken(plan.programs()):
        ports = ", ".join(f"{one.port} ({one.name})" for one in elsewhere)
        print(
            f"Taken by other programs: {ports}. Choose PORT={given.port + PORTS}.", file=sys.stderr
        )
        return 1
    return asyncio.run(_run(plan))


async def _run(plan: Plan) -> int:
    stopped = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stopped.set)
    supervisor = Supervisor(plan.programs(), plan.folder, say)
    starting = asyncio.create_task(supervisor.start())
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait([starting, waiting], return_when=asyncio.FIRST_COMPLETED)
    try:
        if starting.done():
            starting.result()
            say(_welcome(plan))
            await waiting
    finally:
        say("Ending ...")
        starting.cancel()
        await supervisor.stop()
    return 0


def _welcome(plan: Plan) -> str:
    gateways = "  ".join(f"http://localhost:{port}" for port in plan.gateways)
    users = ", ".join(person.login for person in PEOPLE)
    return f"""\
ads-bff on {plan.origin}, three gateways behind nginx: nothing is real, nothing leaves this machine.

  console      {plan.origin}/      demo users: {users}
  gateways     {gateways}
  sandbox      {plan.sandbox}/  (ads platform and identity provider)
  Redis        {plan.redis_port}
  their words  {plan.folder}/NAME.log

Whoever is killed is started again: kill -9 $(cat {plan.folder}/gateway-1.pid). Ctrl-C ends all."""


if __name__ == "__main__":
    sys.exit(main())
