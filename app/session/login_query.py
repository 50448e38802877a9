"""What a login is asked for, read from the query of /auth/login."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from fastapi import Query, Request

from app.errors import FieldError, Malformed
from app.session import return_to
from app.session.app_request import CHALLENGE, LONGEST_REDIRECT, STATE, AppRequest
from app.session.parameters import check_parameters

# What an app says, all of it or nothing; the names are those of RFC 6749 and RFC 7636.
_OF_APPS = ("redirect", "code_challenge", "code_challenge_method", "state")
_KNOWN = frozenset({"returnTo", "prompt", "client", *_OF_APPS})


class Prompt(StrEnum):
    """What the identity provider is to show (OpenID Connect Core, section 3.1.2.1)."""

    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"
    SELECT_ACCOUNT = "select_account"


@dataclass(frozen=True, slots=True)
class LoginQuery:
    """A login as it was asked for: where it ends, what the provider shows, and the app behind it."""

    return_to: str
    prompt: Prompt | None = None
    app: AppRequest | None = None


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
    client: Annotated[
        Literal["native"] | None,
        Query(
            description="`native`: the login ends in an app, with a code for POST /auth/native/token. "
            "All the parameters below go with it, `returnTo` and `prompt=none` do not"
        ),
    ] = None,
    redirect: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=LONGEST_REDIRECT,
            description="Where the app waits: one of the configured addresses, exactly",
            examples=["com.example.app:/signed-in"],
        ),
    ] = None,
    code_challenge: Annotated[
        str | None,
        Query(pattern=CHALLENGE, description="SHA-256 of the app's verifier (RFC 7636)"),
    ] = None,
    code_challenge_method: Annotated[  # noqa: ARG001  # S256 is all that it can be
        Literal["S256"] | None, Query(description="How the challenge was made")
    ] = None,
    state: Annotated[
        str | None, Query(pattern=STATE, description="Comes back to the app beside the code")
    ] = None,
) -> LoginQuery:
    """The query, checked."""
    check_parameters(request, once=_KNOWN, only=_KNOWN)
    given = request.query_params.keys()
    if client is None:
        _refuse(given & set(_OF_APPS), "goes with client=native")
        return LoginQuery(return_to.check(returnTo), prompt)
    _refuse(given & {"returnTo"}, "is for browsers: an app names its redirect")
    _refuse(set(_OF_APPS) - given, "is missing: it goes with client=native")
    if prompt is Prompt.NONE:
        _refuse({"prompt"}, "cannot be none where an app waits")
    assert redirect is not None
    assert code_challenge is not None
    assert state is not None
    return LoginQuery("/", prompt, AppRequest(redirect, code_challenge, state))


def _refuse(names: Set[str], message: str) -> None:
    if names:
        errors = [FieldError(f"/query/{name}", message) for name in sorted(names)]
        raise Malformed("These parameters do not go together.", errors=errors)
