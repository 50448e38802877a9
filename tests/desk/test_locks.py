"""The lock files: hashes for everything, addresses of nothing, and what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).parents[2]
RUNTIME, BUILD, DEV = "requirements.lock", "requirements-build.lock", "requirements-dev.lock"
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock: what is pinned, and how many hashes vouch for it."""

    requirement: Requirement
    hashes: int


@cache
def locked(name: str) -> dict[str, Locked]:
    """The packages of a lock by their canonical names."""
    text = re.sub(r"^\s*#.*\n", "", read(name), flags=re.MULTILINE).replace("\\\n", "")
    found: dict[str, Locked] = {}
    for line in text.splitlines():
        pinned, *hashes = re.split(r"\s+(?=--)", line.strip())
        requirement = Requirement(pinned)
        key = canonicalize_name(requirement.name)
        assert key not in found, f"{key} is locked twice"
        assert all(HASH.fullmatch(one) for one in hashes), line
        found[key] = Locked(requirement, len(hashes))
    return found


def read(name: str) -> str:
    return (CHECKOUT / name).read_text("utf-8")


def asked_for(lock: str) -> list[Requirement]:
    """The direct dependencies whose versions the lock has to name."""
    project: dict[str, Any] = tomllib.loads(read("pyproject.toml"))
    groups = project["dependency-groups"]
    asked = {
        RUNTIME: project["project"]["dependencies"],
        BUILD: [*groups["build"], *project["build-system"]["requires"]],
        DEV: [*project["project"]["dependencies"], *groups["build"], *groups["dev"]],
    }
    return [Requirement(text) for text in asked[lock]]


each_lock = pytest.mark.parametrize("lock", [RUNTIME, BUILD, DEV])


@each_lock
def test_every_package_has_one_version_and_hashes(lock: str) -> None:
    """A package is pinned to one version, and pip can tell a changed file by its hash."""
    assert locked(lock)
    for package in locked(lock).values():
        (pin,) = package.requirement.specifier
        assert pin.operator == "=="
        assert package.hashes > 0, package


@each_lock
def test_no_address_stands_in_a_lock(lock: str) -> None:
    """A lock holds no URL, no path and no pip option but hashes."""
    text = read(lock)
    assert "://" not in text
    assert not re.search(r"(^|\s)(\.{0,2}/|file:|--(?!hash=))", text, re.MULTILINE)


@each_lock
def test_a_lock_satisfies_what_is_asked_for(lock: str) -> None:
    """Each direct dependency is locked at a version that pyproject.toml admits."""
    for asked in asked_for(lock):
        package = locked(lock).get(canonicalize_name(asked.name))
        assert package is not None, f"{asked.name} is missing in {lock}: run `make lock`"
        (pin,) = package.requirement.specifier
        assert asked.specifier.contains(pin.version), f"{asked} is not met: run `make lock`"


@pytest.mark.parametrize("lock", [RUNTIME, BUILD])
def test_one_environment_can_hold_all_locks(lock: str) -> None:
    """What runs and what builds is tested at the very versions that are locked for it."""
    for name, package in locked(lock).items():
        assert locked(DEV)[name].requirement.specifier == package.requirement.specifier
