"""The commands that end by themselves: check, operations, openapi. For the others see their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.catalogue.operations import BUILT_IN, INTERNAL
from app.commands.described import documents
from app.settings import known_names
from tests.commands.running import bff

PRODUCTION = {
    "BFF_ENV": "production",
    "BFF_UPSTREAM__BASE_URL": "https://platform.example/api/v1",
    "BFF_UPSTREAM__API_KEY": "canary-key-77ab",
    "BFF_PUBLIC__ORIGIN": "https://app.example.com",
    "BFF_IDENTITY__JWT__ISSUER": "https://product.example",
    "BFF_IDENTITY__JWT__AUDIENCE": "ads",
    "BFF_IDENTITY__JWT__ALGORITHMS": "HS256",
    "BFF_IDENTITY__JWT__SECRET": "canary-secret-of-the-product-long-enough",
}

COMMANDS = (
    "serve",
    "sandbox",
    "check",
    "operations",
    "openapi",
    "drift",
    "record",
    "revoke",
    "forget",
)


def test_check_finds_sound_settings_sound(tmp_path: Path) -> None:
    """Sound production settings exit with 0; risks are explained and secrets stay unsaid."""
    done = bff("check", cwd=tmp_path, **PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("The settings are sound.\n")
    assert "risk: BFF_ACCESS__UNKNOWN_GRANTS=platform: " in done.stdout
    assert "many issuers leave nbf out" in done.stdout
    assert "canary" not in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"BFF_UPSTREAM__BASE_URL": ""}, "BFF_UPSTREAM__BASE_URL"),
        ({"BFF_UPSTREAM__API_KEY": ""}, "BFF_UPSTREAM__API_KEY"),
        ({"BFF_PUBLIC__ORIGIN": ""}, "BFF_PUBLIC__ORIGIN"),
        ({"BFF_UPSTREAM__ROUTES": '{"getTem": "GET /x"}'}, "BFF_UPSTREAM__ROUTES"),
        ({"BFF_IDENTITY__JWT__SECRET": "-----BEGIN canary" * 3}, "BFF_IDENTITY__JWT"),
        (
            {
                "BFF_IDENTITY__JWT__SECRET": "",
                "BFF_IDENTITY__JWT__JWKS_URL": "https://canary.example/",
            },
            "BFF_IDENTITY__JWT__JWKS_URL never goes with HS256",
        ),
        ({"BFF_UPSTREAM__READ_DEADLINE": "canary"}, "BFF_UPSTREAM__READ_DEADLINE"),
        ({"BFF_UPSTREAM__BASEURL": "canary"}, "BFF_UPSTREAM__BASEURL"),
    ],
)
def test_check_names_what_is_unsafe(tmp_path: Path, changes: dict[str, str], name: str) -> None:
    """Exit 1 with a sentence per fault: those of the parts, routes and keys, included."""
    done = bff("check", cwd=tmp_path, **PRODUCTION | changes)
    assert (done.returncode, done.stderr) == (1, "")
    faults = [line for line in done.stdout.splitlines() if line.startswith("fault: ")]
    assert len(faults) == 1
    assert faults[0].startswith(f"fault: {name}")
    assert "canary" not in done.stdout


def test_check_lists_the_settings_when_something_is_wrong(tmp_path: Path) -> None:
    """Who mistyped a name sees all the names that there are."""
    done = bff("check", cwd=tmp_path, BFF_ODD="1")
    assert done.returncode == 1
    assert all(name in done.stdout for name in known_names())


def test_operations_is_the_whole_table(tmp_path: Path) -> None:
    """A row for each operation with its number, addresses, evidence, rules and keep."""
    done = bff("operations", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line for line in done.stdout.splitlines()[1:]}
    assert list(rows) == [*(op.id for op in BUILT_IN.operations), *INTERNAL]
    for operation in BUILT_IN.operations:
        row = rows[operation.id]
        assert operation.route in row
        assert all(rule in row for rule in operation.access)
        if operation.upstream:
            assert f" {operation.upstream.number} " in row
            assert operation.upstream.address in row
    assert "30 / 300" in rows["getTeam"]
    assert "by period" in rows["getMetaInsights"]


def test_openapi_writes_both_documents(tmp_path: Path) -> None:
    """Into openapi/ here, or into the folder that is named; the paths are printed."""
    for arguments, folder in (((), "openapi"), (("elsewhere/deep",), "elsewhere/deep")):
        done = bff("openapi", *arguments, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.split() == [f"{folder}/bff.json", f"{folder}/upstream.json"]
        for name, text in documents().items():
            assert (tmp_path / folder / name).read_text("utf-8") == text


def test_without_a_command_there_is_help(tmp_path: Path) -> None:
    """`bff` alone lists the commands."""
    said = bff(cwd=tmp_path).stdout
    assert all(name in said for name in COMMANDS)
