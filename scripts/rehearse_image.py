"""Rehearses the image without an engine: the Dockerfile's steps, command and health check.

What a rehearsal cannot show is listed in image.py. Exit 1 says what failed.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from image import Image, RehearsalFault, expect, say

CHECKOUT = Path(__file__).resolve().parent.parent
WAIT_SECONDS = 30.0

# What a deployment sets; nothing here is contacted at the start.
SOUND_SETTINGS = {
    "BFF_UPSTREAM__BASE_URL": "https://ads.example/api/v1",
    "BFF_UPSTREAM__API_KEY": "rehearsal-key",
    "BFF_PUBLIC__ORIGIN": "https://app.example",
    "BFF_IDENTITY__JWT__ISSUER": "https://login.example",
    "BFF_IDENTITY__JWT__AUDIENCE": "ads-bff",
    "BFF_IDENTITY__JWT__ALGORITHMS": "HS256",
    "BFF_IDENTITY__JWT__SECRET": "a secret of the rehearsal, 32 bytes or more",
}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        image = Image(Path(folder).resolve(), CHECKOUT)
        try:
            image.build()
            compiled(image)
            if not (CHECKOUT / "app" / "cli.py").is_file():
                say("app/cli.py is not there yet: the image was made, its command was not tried.")
                return 0
            before = image.files()
            refuses_missing_settings(image)
            serves_until_stopped(image)
            expect(image.files() == before, "running wrote into the image outside its volume")
        except (RehearsalFault, subprocess.SubprocessError) as fault:
            say(f"FAILED: {fault}")
            return 1
    say("The image's steps, command, health check and stop signal work.")
    return 0


def compiled(image: Image) -> None:
    """Every module has bytecode that is used without a look at the source's time (PEP 552)."""
    application = [
        path for path in image.root.rglob("app/**/*.py") if "site-packages" in path.parts
    ]
    expect(bool(application), "the application is not in the image")
    tag = sys.implementation.cache_tag
    for path in application:
        bytecode = path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc"
        expect(bytecode.is_file(), f"{path.name} is not compiled")
        expect(bytecode.read_bytes()[4:8] == b"\x01\0\0\0", f"{path.name}: bytecode is compared")


def refuses_missing_settings(image: Image) -> None:
    done = subprocess.run(
        in_image(["bff", "check"], image.environment),
        cwd=image.workdir,
        env=image.environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
    )
    said = done.stdout + done.stderr
    say(f"bff check, nothing set: exit {done.returncode}\n{said.rstrip()}")
    expect(done.returncode == 1, "production without settings must not pass `bff check`")
    for name in ("BFF_UPSTREAM__BASE_URL", "BFF_PUBLIC__ORIGIN"):
        expect(name in said, f"`bff check` does not say that {name} is missing")


def serves_until_stopped(image: Image) -> None:
    """The image's own command answers the image's own health check, until SIGTERM ends it."""
    port = str(free_port())
    environment = image.environment | SOUND_SETTINGS
    # Another address than the image's: here is no container's wall around it.
    moved = {"8000": port, "0.0.0.0": "127.0.0.1"}
    command = [moved.get(word, word) for word in image.command]
    health = [word.replace("8000", port) for word in image.health]
    server = subprocess.Popen(in_image(command, environment), cwd=image.workdir, env=environment)
    try:
        until = time.monotonic() + WAIT_SECONDS
        while not succeeds(in_image(health, environment), environment):
            expect(server.poll() is None, f"the server ended by itself: exit {server.returncode}")
            expect(time.monotonic() < until, "the health check never passed")
            time.sleep(0.2)
        server.send_signal(signal.SIGTERM)
        # A server that finished its requests may hand the signal on to itself at the very end.
        ended = server.wait(WAIT_SECONDS)
        expect(ended in {0, -signal.SIGTERM}, f"SIGTERM ended it with {ended}")
    finally:
        server.kill()
        server.wait()


def in_image(command: list[str], environment: Mapping[str, str]) -> list[str]:
    """The command with its program looked up in the image's PATH."""
    program = shutil.which(command[0], path=environment["PATH"])
    expect(program is not None, f"{command[0]} is not in the image")
    return [program or "", *command[1:]]


def succeeds(command: list[str], environment: Mapping[str, str]) -> bool:
    return (
        subprocess.run(command, check=False, env=environment, capture_output=True).returncode == 0
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


if __name__ == "__main__":
    raise SystemExit(main())
