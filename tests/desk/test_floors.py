"""Lowest versions of packages, each for a fault that is known below it.

No vulnerability service is asked here; this list is what stands in for it.
"""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

CHECKOUT = Path(__file__).parents[2]

FLOORS = {
    "authlib": ">=1.9.9",  # state without CSRF protection, keys taken from a token's header
    "cachetools": ">=8.0.1",
    "cryptography": ">=50",
    "fastapi": ">=0.165",
    "h11": ">=0.16",  # request smuggling by chunk endings
    "httpx": "==0.28.1",  # the last of its line; newer work is in httpx2
    "httpx2": ">=2.16",
    "joserfc": ">=1.8",
    "pydantic": ">=2.14",
    "pydantic-settings": ">=2.16",
    "python-jose": "==3.5.*",  # the last of its line; used behind our own guard only
    "python-multipart": ">=0.0.32",
    "starlette": ">=1.10",  # host header confusion, form limits
    "uvicorn": ">=0.54",
}

# Not chosen today; whoever brings one in starts above its known faults.
FLOORS_WHEN_PRESENT = {
    "aiohttp": ">=3.14.1",
    "granian": ">=2.7.4",
    "hiredis": ">=3.5",
    "prometheus-fastapi-instrumentator": ">=8.0.2",
    "pyjwt": ">=2.15.1",
    "redis": ">=8.1",
}


@pytest.mark.parametrize("name", FLOORS)
def test_the_installed_version_is_above_its_floor(name: str) -> None:
    """What is installed has none of the faults that the floor stands for."""
    assert SpecifierSet(FLOORS[name]).contains(version(name))


@pytest.mark.parametrize("name", FLOORS_WHEN_PRESENT)
def test_a_package_that_came_along_is_above_its_floor(name: str) -> None:
    """A package that something else brings is held to its floor too, once it is installed."""
    try:
        installed = version(name)
    except PackageNotFoundError:
        return
    assert SpecifierSet(FLOORS_WHEN_PRESENT[name]).contains(installed)


def test_what_we_ask_for_is_not_below_the_floors() -> None:
    """pyproject.toml admits no version below a floor: `pip install .` alone is safe as well."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    for requirement in map(Requirement, project["dependencies"]):
        floor = {**FLOORS_WHEN_PRESENT, **FLOORS}.get(canonicalize_name(requirement.name))
        if floor is not None:
            assert lowest(requirement.specifier) >= lowest(SpecifierSet(floor)), requirement


def lowest(specifiers: SpecifierSet) -> Version:
    """The version that the lower bound names; a requirement without one admits anything."""
    bounds = [
        Version(specifier.version.removesuffix(".*"))
        for specifier in specifiers
        if specifier.operator in {">=", "==", "~="}
    ]
    return max(bounds, default=Version("0"))
