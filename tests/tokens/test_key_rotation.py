"""A new key without a restart: two lines in a file, read again when it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.errors import UpstreamCredentials
from app.testing.world import API_KEY
from tests.inside import Inside, Platform, inside, platform
from tests.tokens.asking import ask

OLD = "canary-key-of-last-year"


@pytest.fixture
def rotating() -> Iterator[Platform]:
    """A platform that still accepts the previous key."""
    with platform(previous_api_key=OLD) as running:
        yield running


def keys_at(platform_: Platform, current: str, previous: str | None) -> None:
    """From now on the platform accepts these."""
    options = replace(platform_.sandbox.options, api_key=current, previous_api_key=previous)
    object.__setattr__(platform_.sandbox, "options", options)


def seen(platform_: Platform) -> list[tuple[str, str]]:
    """The exchanges: which key each carried, as the platform saw it."""
    return [(call.name, call.key) for call in platform_.calls("exchangeToken")]


def kept_in(file: Path) -> dict[str, Any]:
    """Settings whose key stands in the file."""
    return {"api_key": None, "api_key_file": str(file)}


@pytest.mark.holds(31)
def test_a_new_key_is_used_without_a_restart(rotating: Platform, tmp_path: Path) -> None:
    """The file changes, the next call carries the new key."""
    file = tmp_path / "key"
    file.write_text(OLD)

    async def scenario(gateway: Inside) -> None:
        await ask(gateway, 0)
        file.write_text(f"{API_KEY}\n{OLD}\n")
        await ask(gateway, 1, "cleo")

    inside(rotating, scenario, upstream=kept_in(file))
    assert seen(rotating) == [("exchangeToken", "previous"), ("exchangeToken", "current")]


@pytest.mark.holds(31, 93)
def test_the_previous_key_serves_until_the_new_one_is_known(
    rotating: Platform, tmp_path: Path
) -> None:
    """Refused with the new key, the gateway goes on with the previous one, and back when it dies."""
    file = tmp_path / "key"
    file.write_text(f"key-of-next-year\n{OLD}")

    async def scenario(gateway: Inside) -> None:
        await ask(gateway, 0)
        await ask(gateway, 1, "cleo")
        assert [key for _, key in seen(rotating)] == ["wrong", "previous", "previous"]
        keys_at(rotating, "key-of-next-year", None)
        rotating.clock.advance(100)
        await ask(gateway, 2, "dora")
        assert [key for _, key in seen(rotating)][3:] == ["wrong", "current"]
        await ask(gateway, 3)

    inside(rotating, scenario, upstream=kept_in(file))


@pytest.mark.holds(31, 93)
def test_when_all_keys_are_refused_a_new_file_helps_at_once(
    rotating: Platform, tmp_path: Path
) -> None:
    """No storm meanwhile: each key is tried once, and again only when the file changed."""
    file = tmp_path / "key"
    file.write_text("wrong-one\nwrong-two")

    async def scenario(gateway: Inside) -> None:
        for number in range(20):
            with pytest.raises(UpstreamCredentials):
                await ask(gateway, number)
        assert len(seen(rotating)) == 2
        file.write_text(f"{API_KEY}\nwrong-one")
        await ask(gateway, 20)
        assert len(seen(rotating)) == 3

    inside(rotating, scenario, upstream=kept_in(file))


@pytest.mark.holds(31)
@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_file_under_the_pen_changes_nothing(
    rotating: Platform, tmp_path: Path, content: str
) -> None:
    """A file that is empty at the moment, or gone, leaves the key that was."""
    file = tmp_path / "key"
    file.write_text(API_KEY)

    async def scenario(gateway: Inside) -> None:
        await ask(gateway, 0)
        file.write_text(content)
        await ask(gateway, 1, "cleo")
        file.unlink()
        await ask(gateway, 2, "dora")

    inside(rotating, scenario, upstream=kept_in(file))
    assert {key for _, key in seen(rotating)} == {"current"}


@pytest.mark.holds(31)
def test_a_key_that_dies_under_living_tokens_is_replaced(
    rotating: Platform, tmp_path: Path
) -> None:
    """Users keep their tokens; a call refused for the key goes on with the other key, unnoticed."""
    file = tmp_path / "key"
    file.write_text(f"{OLD}\n{API_KEY}")

    async def scenario(gateway: Inside) -> None:
        await ask(gateway, 0)
        keys_at(rotating, API_KEY, None)
        rotating.clock.advance(31)
        await ask(gateway, 1)
        assert [key for _, key in seen(rotating)] == ["previous", "wrong", "current"]

    inside(rotating, scenario, upstream=kept_in(file))
