"""A Dockerfile carried out without an engine, in a folder that stands for the image.

Absolute paths of the image lie under that folder, `python3` is the interpreter that runs this,
and a stage starts from an empty folder, so that only what is copied reaches the image.
Left out, because they need an engine: the base image itself, the user, and who owns the files.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template

DESCRIBED_ONLY = frozenset({"LABEL", "USER", "EXPOSE", "VOLUME", "STOPSIGNAL"})
PYCACHE = shutil.ignore_patterns("__pycache__")


class RehearsalFault(Exception):
    """A step of the Dockerfile, or what it made, does not do what it should."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction of a Dockerfile, its continued lines joined."""

    instruction: str
    rest: str


def steps(dockerfile: str) -> Iterator[Step]:
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            instruction, _, rest = line.strip().partition(" ")
            yield Step(instruction.upper(), rest.strip())


class Image:
    """The folder that stands for the image, and the state that the steps share."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self._checkout = checkout
        self.root = folder / "root"
        self.workdir = self.root
        self.command: list[str] = []
        self.health: list[str] = []
        self._steps = list(steps((checkout / "Dockerfile").read_text("utf-8")))
        self._stages: dict[str, Path] = {}
        self._stage = ""
        self.environment: dict[str, str] = {}

    def build(self) -> None:
        for step in self._steps:
            say(f"{step.instruction} {' '.join(step.rest.split())}")
            match step.instruction:
                case "FROM":
                    self._start_stage(step.rest.split())
                case "ENV":
                    self._set(step.rest)
                case "WORKDIR":
                    self.workdir = self._inside(step.rest)
                    self.workdir.mkdir(parents=True, exist_ok=True)
                case "COPY":
                    self._copy(shlex.split(step.rest))
                case "RUN":
                    self.run(["/bin/sh", "-c", self._mapped(step.rest)])
                case "HEALTHCHECK":
                    self.health = json.loads(step.rest.partition("CMD ")[2])
                case "CMD":
                    self.command = json.loads(step.rest)
                case other:
                    expect(other in DESCRIBED_ONLY, f"{other} cannot be rehearsed")

    def run(self, command: list[str]) -> None:
        """Run in the present stage; what it says matters only when it fails."""
        done = subprocess.run(
            command,
            cwd=self.workdir,
            env=self.environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        expect(done.returncode == 0, f"exit {done.returncode}\n{done.stdout}")

    def files(self) -> set[Path]:
        """Every file of the image but those of its volume."""
        found = (path for path in self.root.rglob("*") if path.is_file())
        return {path for path in found if not path.is_relative_to(self._inside("/var/lib"))}

    def _start_stage(self, words: list[str]) -> None:
        if self.root.exists():
            self._stages[self._stage] = self.root.rename(
                self.root.with_name(f"stage-{self._stage}")
            )
        self._stage = words[2] if len(words) > 2 else "final"
        self.root.mkdir()
        self.workdir = self.root
        self.environment = clean_environment()

    def _set(self, rest: str) -> None:
        for pair in shlex.split(self._mapped(rest)):
            name, _, value = pair.partition("=")
            self.environment[name] = Template(value).substitute(self.environment)

    def _copy(self, words: list[str]) -> None:
        flags = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
        *sources, target = [word for word in words if not word.startswith("--")]
        stage = flags.get("from")
        destination = self._inside(target) if target.startswith("/") else self.workdir / target
        for source in sources:
            if stage is None:
                self._copy_one(self._checkout / source, destination, into=target.endswith("/"))
            else:
                self._copy_one(self._stages[stage] / source.lstrip("/"), destination, into=False)

    def _copy_one(self, source: Path, destination: Path, *, into: bool) -> None:
        expect(source.exists(), f"COPY {source.name}: there is no such file")
        if source.is_dir():
            ignored = None if source.is_relative_to(self.root.parent) else PYCACHE
            shutil.copytree(source, destination, symlinks=True, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy2(source, destination / source.name if into else destination)

    def _inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _mapped(self, text: str) -> str:
        """The text with its absolute paths laid under the root."""
        return re.sub(r"(?<![\w./])/(?=\w)", f"{self.root}/", text)


def clean_environment() -> dict[str, str]:
    """This machine's environment without what would reach into the image.

    How pip finds its index stays: an engine has that from its own configuration.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BFF_", "PYTHON", "VIRTUAL_ENV", "COV_", "PYTEST"))
    }
    return kept | {"PATH": f"{sys.base_prefix}/bin:{kept['PATH']}"}


def expect(truth: object, sentence: str) -> None:
    if not truth:
        raise RehearsalFault(sentence)


def say(text: str) -> None:
    print(text, flush=True)
