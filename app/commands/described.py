"""What is offered and what is expected of the platform: as a table, and as documents."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.catalogue.composed import Composed
from app.catalogue.extensions import catalogue_with
from app.catalogue.operations import INTERNAL
from app.catalogue.upstream_document import upstream_document
from app.commands.options import print_table
from app.main import create_app
from app.settings import Environment, Settings, load


def operations() -> None:
    """The table of operations: route, upstream address and its evidence, access, keep."""
    rows = [("operation", "route", "no.", "upstream", "evidence", "access", "keep")]
    for operation in catalogue_with(load(os.environ).catalogue.extra).operations:
        upstream = operation.upstream
        composed = issubclass(operation, Composed)
        keep = "per part" if composed else str(getattr(operation, "keep", "–"))
        address = (
            (str(upstream.number or "–"), upstream.address, upstream.evidence)
            if upstream
            else ("–", "–", "–")
        )
        rows.append((operation.id, operation.route, *address, ", ".join(operation.access), keep))
    for name, internal in INTERNAL.items():
        rows.append(
            (name, "–", str(internal.number), internal.address, internal.evidence, "internal", "–")
        )
    print_table(rows)


def openapi(
    directory: Annotated[Path, typer.Argument(help="Where the documents are written")] = Path(
        "openapi"
    ),
) -> None:
    """Write bff.json (what is offered) and upstream.json (what is expected of the platform)."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, document in documents(load(os.environ).catalogue.extra).items():
        (directory / name).write_text(document, "utf-8")
        print(directory / name)


def documents(extra: Sequence[str] = ()) -> dict[str, str]:
    """Both documents as text, the same on every machine; `extra` modules are described as well."""
    settings = Settings.model_validate(
        {
            "env": Environment.DEVELOPMENT,
            "upstream": {"base_url": "http://127.0.0.1:1/api/v1", "api_key": "none"},
            "identity": {
                "oidc": {
                    "issuer": "http://127.0.0.1:1",
                    "client_id": "none",
                    "client_secret": "none",
                }
            },
            "public": {"origin": "http://localhost:8000"},
            "ledger": {"path": ":memory:"},
            "catalogue": {"extra": extra},
        }
    )
    described = {
        "bff.json": create_app(settings).openapi(),
        "upstream.json": upstream_document(catalogue_with(extra)),
    }
    return {
        name: json.dumps(document, indent=2, ensure_ascii=False, sort_keys=False) + "\n"
        for name, document in described.items()
    }
