"""What an identity provider publishes about itself (OpenID Connect Discovery)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.session.fetch import provider_failed
from app.settings_check import is_loopback


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where the provider does what, and whether it names itself in its answers (RFC 9207)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool
    end_session_endpoint: str | None

    @classmethod
    def read(cls, document: Mapping[str, Any], issuer: str) -> Metadata:
        """The metadata, if it is the issuer's: another name would be another provider."""
        if document.get("issuer") != issuer:
            raise provider_failed("its metadata names another issuer")
        return cls(
            issuer=issuer,
            authorization_endpoint=_endpoint(document, "authorization_endpoint"),
            token_endpoint=_endpoint(document, "token_endpoint"),
            jwks_uri=_endpoint(document, "jwks_uri"),
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
            end_session_endpoint=(
                _endpoint(document, "end_session_endpoint")
                if document.get("end_session_endpoint") is not None
                else None
            ),
        )


def _endpoint(document: Mapping[str, Any], name: str) -> str:
    address = document.get(name)
    if not isinstance(address, str) or not (
        address.startswith("https://") or (address.startswith("http://") and is_loopback(address))
    ):
        raise provider_failed(f"its {name} is not an https address")
    if urlsplit(address).fragment:
        raise provider_failed(f"its {name} has a fragment")
    return address
