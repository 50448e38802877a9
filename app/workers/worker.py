"""One worker: a gateway on the supervisor's socket. Started by the supervisor, and by nobody else.

It reads the settings from the environment that it shares with the supervisor.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Sequence
from functools import partial

from app.main import create_app
from app.measuring import Measuring
from app.observe.logs import make_log, tame_others
from app.serving import answer, at_port
from app.settings import SettingsFault, load
from app.workers.wire import Reporting


def command_of(listening: int, control: int, port: int) -> list[str]:
    """What starts a worker that inherits these two sockets. `port` is that of the gateway."""
    # -P: a folder named app where somebody happens to be is not this one.
    return [sys.executable, "-P", "-m", __name__, str(listening), str(control), str(port)]


def main(arguments: Sequence[str]) -> None:
    listening, control, port = (int(argument) for argument in arguments)
    try:
        settings = at_port(load(os.environ), port)
        app = create_app(settings)
    except SettingsFault as fault:
        sys.exit("\n".join(fault.sentences))
    tame_others(make_log(settings.log, sys.stdout))
    orphaned = partial(signal.raise_signal, signal.SIGTERM)
    measuring = Measuring(app.state.parts, app.state.memory)
    reporting = Reporting(measuring, socket.socket(fileno=control), orphaned)
    answer(app, socket.socket(fileno=listening), [reporting])


if __name__ == "__main__":
    main(sys.argv[1:])
