"""Query parameters of the session routes: each once, and none that a path does not know."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import Request

from app.errors import FieldError, Malformed


def check_parameters(
    request: Request, *, once: Collection[str] = (), only: Collection[str] | None = None
) -> None:
    """Refuse a parameter sent twice, and, where `only` lists the known ones, any other."""
    names = [name for name, _ in request.query_params.multi_items()]
    for name in once:
        if names.count(name) > 1:
            message = "was sent more than once"
            raise Malformed(f"{name} {message}.", errors=[FieldError(f"/query/{name}", message)])
    if only is not None and not set(names) <= set(only):
        raise Malformed("There is a parameter that this path does not know.")
