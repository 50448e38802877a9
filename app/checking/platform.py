"""The platform: whether it is reached by TLS, and, only when told whose tokens to ask for, the key."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from app.catalogue.address import Address
from app.checking.asking import PATIENCE, Asker, NoAnswer, json_of
from app.clock import DAY, Clock
from app.findings import Finding, fault, note, risk
from app.secret import Secret
from app.upstream.exchange import Outgoing

BASE_URL = "BFF_UPSTREAM__BASE_URL"
API_KEY = "BFF_UPSTREAM__API_KEY"
# What is left of a certificate when it is high time (days).
HIGH_TIME = 14


async def check_connection(base_url: str, clock: Clock) -> list[Finding]:
    """Connect, by TLS where it is https, and say nothing."""
    parts = urlsplit(base_url)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if context else 80)
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
    except ssl.SSLCertVerificationError as error:
        advice = "Certificates are verified by the machine's own authorities (ca-certificates)."
        return [fault(f"{BASE_URL}: its certificate is refused: {error.verify_message}.", advice)]
    except (OSError, TimeoutError) as error:
        advice = "See whether the address is right, and whether this machine may reach it."
        return [fault(f"{BASE_URL}: no connection ({type(error).__name__}).", advice)]
    certificate = writer.get_extra_info("peercert") if context else None
    writer.close()
    if certificate is None:
        return [note(f"{BASE_URL}: it accepts connections.")]
    days = (ssl.cert_time_to_seconds(certificate["notAfter"]) - clock.now()) / DAY
    if days < HIGH_TIME:
        return [risk(f"{BASE_URL}: its certificate ends in {days:.0f} days.", "Tell the platform.")]
    return [note(f"{BASE_URL}: it accepts connections, by TLS.")]


async def check_key(
    asker: Asker, base_url: str, addresses: Mapping[str, Address], key: Secret, user: str
) -> tuple[list[Finding], str | None]:
    """Ask for tokens of that user with each key; gives also a token, if there is one.

    The platform may make a user of the id, so this is done only when somebody named him.
    """
    findings: list[Finding] = []
    token: str | None = None
    for place, secret in enumerate(key.lines()):
        which = "the current key" if place == 0 else "the previous key"
        found, issued = await _exchange(asker, base_url, addresses["exchangeToken"], secret, user)
        token = token or issued
        findings.append(found or note(f"{API_KEY}: {which} is accepted."))
    return findings, token


async def _exchange(
    asker: Asker, base_url: str, address: Address, key: str, user: str
) -> tuple[Finding | None, str | None]:
    """What is wrong, or the access token."""
    target = address.fill({"externalUserId": user})
    headers = {"x-api-key": key, "accept": "application/json", "content-type": "application/json"}
    url = base_url.rstrip("/") + target.path + (f"?{target.query}" if target.query else "")
    try:
        answer = await asker.ask(Outgoing(target.method, url, headers, target.body))
    except NoAnswer as why:
        return fault(f"{API_KEY}: no answer to an exchange of tokens ({why})."), None
    if answer.status in {401, 404}:
        advice = (
            "Compare it with the platform's; a key file holds the current key in its first line."
        )
        return fault(f"{API_KEY}: the platform refuses it ({answer.status}).", advice), None
    said = json_of(answer)
    data = said.get("data") if isinstance(said, dict) else None
    token = data.get("accessToken") if isinstance(data, dict) else None
    if answer.status >= 300 or not isinstance(token, str):
        sentence = f"{API_KEY}: the exchange of tokens answers {answer.status}, and no token."
        return fault(sentence, "See whether BFF_UPSTREAM__ROUTES names its address."), None
    return None, token
