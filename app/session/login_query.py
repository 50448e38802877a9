"""What a login is asked for, read from the query of /auth/login."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Query, Request

from app.session import return_to
from app.session.parameters import check_parameters

_KNOWN = frozenset({"returnTo", "prompt"})


class Prompt(StrEnum):
    """What the identity provider is to show (OpenID Connect Core, section 3.1.2.1)."""

    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"
    SELECT_ACCOUNT = "select_account"


@dataclass(frozen=True, slots=True)
class LoginQuery:
    """A login as it was asked for: where it ends, and what the provider shows."""

    return_to: str
    prompt: Prompt | None = None


def login_query(
    request: Request,
    returnTo: Annotated[  # noqa: N803  # the parameter's public name
        str,
        Query(
            description="A path on this origin where the browser goes when signed in",
            examples=["/campaigns"],
        ),
    ] = "/",
    prompt: Annotated[
        Prompt | None,
        Query(
            description="What the identity provider shows. With `none` it shows nothing: who is not "
            "signed in there comes back to `returnTo` with `login=required` added to its query"
        ),
    ] = None,
) -> LoginQuery:
    """The query, checked."""
    check_parameters(request, once=_KNOWN, only=_KNOWN)
    return LoginQuery(return_to.check(returnTo), prompt)
