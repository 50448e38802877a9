"""Who signs people in: the provider's discovery document and keys, and the keys of host tokens."""

from __future__ import annotations

from app.checking.asking import Asker, NoAnswer
from app.errors import Problem
from app.findings import Finding, fault, note, risk
from app.session.key_set import KeySet
from app.session.provider_documents import Metadata
from app.settings import IdentitySettings

ISSUER = "BFF_IDENTITY__OIDC__ISSUER"
JWKS_URL = "BFF_IDENTITY__JWT__JWKS_URL"


async def check_provider(asker: Asker, issuer: str) -> list[Finding]:
    """Discovery, as a sign-in would read it, and the keys that it names."""
    try:
        found, answer = await asker.document(
            issuer.rstrip("/") + "/.well-known/openid-configuration"
        )
        metadata = Metadata.read(found, issuer)
    except NoAnswer as why:
        advice = (
            "Compare it with the provider's own words, to the letter, and see whether it is up."
        )
        return [fault(f"{ISSUER}: no discovery document there ({why}).", advice)]
    except Problem as problem:
        advice = "Name the issuer as its document does; its endpoints have to be https."
        return [fault(f"{ISSUER}: {problem.reason}.", advice)]
    findings = [note(f"{ISSUER}: its discovery document is in order.")]
    methods = found.get("code_challenge_methods_supported")
    if not isinstance(methods, list) or "S256" not in methods:
        findings.append(
            risk(f"{ISSUER}: its document does not offer PKCE with S256.", "Ask there.")
        )
    if metadata.end_session_endpoint is None:
        findings.append(note(f"{ISSUER}: signing out here does not end the session there."))
    keys = await _check_keys(asker, ISSUER, metadata.jwks_uri, frozenset())
    return [*findings, *keys, *asker.skew(ISSUER, answer.headers)]


async def check_host_keys(asker: Asker, settings: IdentitySettings) -> list[Finding]:
    """The keys that host tokens are verified with, where they are published."""
    url = settings.jwt.jwks_url
    if url is None:
        return []
    return await _check_keys(asker, JWKS_URL, url, frozenset(settings.jwt.algorithms))


async def _check_keys(
    asker: Asker, setting: str, url: str, algorithms: frozenset[str]
) -> list[Finding]:
    """Whether some of the keys are usable, for one of these algorithms if any are named."""
    try:
        found, answer = await asker.document(url)
        keys = KeySet.read(found)
    except (NoAnswer, ValueError) as why:
        return [fault(f"{setting}: no key set there ({why}).", "Nobody could sign in; see there.")]
    usable = [key for key in keys.keys if not algorithms or key.algorithms & algorithms]
    if not usable:
        advice = (
            "It takes RSA of 2048 bits, P-256 or Ed25519, and an algorithm that is accepted here."
        )
        return [
            fault(f"{setting}: none of its {len(keys.keys) + keys.ignored} keys is usable.", advice)
        ]
    sentence = f"{setting}: {len(usable)} key(s) usable, {keys.ignored} ignored."
    return [note(sentence), *asker.skew(setting, answer.headers)]
