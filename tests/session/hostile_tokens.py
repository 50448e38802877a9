"""Host tokens that must be refused, by what is wrong with them, signed as well as anybody could."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .host_tokens import (
    AUDIENCE,
    EC_KEY,
    ED_KEY,
    ISSUER,
    RSA_KEY,
    PrivateKey,
    b64,
    claims,
    compact,
    public_der,
    public_pem,
    raw_token,
)
from .signers import HS256, Signer, jwk_of, sign

ALGORITHMS = ("HS256", "RS256", "ES256", "PS256", "EdDSA", "Ed25519")


def bad_tokens(now: float, signer: Signer = HS256) -> dict[str, str]:
    """The table. What is right about each of these tokens is right for this signer's key."""
    return {
        **{name: signer.token(payload) for name, payload in bad_claims(now).items()},
        **{name: signer.raw(header, claims(now)) for name, header in bad_headers(signer).items()},
        **odd_json(now, signer),
        **bad_signatures(now, signer),
        **confused_keys(now, signer),
        **bad_shapes(now, signer),
    }


def bad_claims(now: float) -> dict[str, Mapping[str, Any]]:
    time = int(now)
    good = claims(time)
    names = ("iss", "aud", "exp", "nbf", "iat", "sub")
    return {
        **{f"no {name}": claims(time, **{name: None}) for name in names},
        **{f"{name} null": {**good, name: None} for name in names},
        "expired": claims(time, iat=time - 900, nbf=time - 900, exp=time - 121),
        "not yet": claims(time, nbf=time + 130),
        "issued in the future": claims(time, iat=time + 130),
        "too long a life": claims(time, exp=time + 3601),
        "foreign issuer": claims(time, iss="https://evil.example"),
        "issuer list": claims(time, iss=[ISSUER]),
        "foreign audience": claims(time, aud="other"),
        "empty audience": claims(time, aud=[]),
        "audience of numbers": claims(time, aud=[AUDIENCE, 1]),
        "audience object": claims(time, aud={AUDIENCE: 1}),
        "sub number": claims(time, sub=7),
        "sub empty": claims(time, sub=""),
        "sub dots": claims(time, sub=".."),
        "sub slash": claims(time, sub="a/b"),
        "sub control": claims(time, sub="a\nb"),
        "sub long": claims(time, sub="a" * 257),
        "exp text": claims(time, exp=str(time + 600)),
        "exp true": claims(time, exp=True),
        "exp fraction": claims(time, exp=time + 600.5),
        "exp list": claims(time, exp=[time + 600]),
        "exp negative": claims(time, exp=-1),
        "iat text": claims(time, iat=str(time)),
        "iat negative": claims(time, iat=-(10**12)),
        "nbf true": claims(time, nbf=True),
        "nbf object": claims(time, nbf={}),
        "exp infinite": claims(time, exp=float("inf")),
        "exp nan": claims(time, exp=float("nan")),
        "exp huge": claims(time, exp=10**400),
        "enterprises number": claims(time, enterprises=7),
        "enterprises mixed": claims(time, enterprises=["acme", 7]),
        "enterprises object": claims(time, enterprises={"acme": 1}),
    }


def bad_headers(signer: Signer) -> dict[str, Mapping[str, Any]]:
    good = signer.header
    others = [name for name in (*ALGORITHMS, "HS512", "RS512") if name != signer.algorithm]
    return {
        **{f"alg {name}": {**good, "alg": name} for name in others},
        "alg none": {**good, "alg": "none"},
        "alg None": {**good, "alg": "None"},
        "alg lower case": {**good, "alg": signer.algorithm.swapcase()},
        "alg list": {**good, "alg": [signer.algorithm]},
        "alg object": {**good, "alg": {signer.algorithm: 1}},
        "alg null": {**good, "alg": None},
        "alg missing": {"typ": "JWT"},
        "crit": {**good, "crit": ["exp"]},
        "crit empty": {**good, "crit": []},
        "crit understood": {**good, "crit": ["b64"], "b64": True},
        "b64": {**good, "b64": False},
        "kid object": {**good, "kid": {"a": 1}},
        "kid list": {**good, "kid": []},
        "kid number": {**good, "kid": 1},
        "kid long": {**good, "kid": "a" * 257},
        "typ": {**good, "typ": "JWE"},
        "logout token": {**good, "typ": "logout+jwt"},
        "typ number": {**good, "typ": 1},
    }


def odd_json(now: float, signer: Signer) -> dict[str, str]:
    deep = "[" * 1500 + "]" * 1500
    good, header = claims(now), json.dumps(signer.header)
    payloads: dict[str, str | bytes] = {
        "payload list": "[]",
        "payload text": '"x"',
        "payload null": "null",
        "payload broken": "{",
        "payload twice": "{}{}",
        "payload deep": '{"a":' + deep + "}",
        "payload digits": '{"exp":' + "9" * 4400 + "}",
        "exp 1e400": json.dumps(good).replace(str(good["exp"]), "1e400"),
        "payload utf-16": json.dumps(good).encode("utf-16"),
        "payload not utf-8": b'{"sub":"\xff"}',
        "payload empty object": "{}",
    }
    headers: dict[str, str | bytes] = {
        "header list": "[]",
        "header null": "null",
        "header broken": "{",
        "header deep": header[:-1] + ',"a":' + deep + "}",
        "header utf-16": header.encode("utf-16"),
        "header with a mark": b"\xef\xbb\xbf" + header.encode(),
    }
    return {
        **{name: signer.raw(signer.header, payload) for name, payload in payloads.items()},
        **{name: signer.raw(odd, good) for name, odd in headers.items()},
    }


def bad_signatures(now: float, signer: Signer) -> dict[str, str]:
    good = claims(now)
    whole = signer.token(good)
    head, body, signature = whole.split(".")
    another = signer.token(claims(now, sub="ana"))
    length = len(sign(signer.algorithm, signer.key, b""))
    forged: dict[str, PrivateKey | bytes] = {
        "other secret": b"another secret, which nobody shares here",
        "rsa of others": rsa.generate_private_key(65537, 2048),
        "p-256 of others": ec.generate_private_key(ec.SECP256R1()),
        "ed25519 of others": ed25519.Ed25519PrivateKey.generate(),
    }
    own = forged[_KIND[signer.algorithm]]
    return {
        **{
            name: Signer(signer.algorithm, key, signer.key_id).token(good)
            for name, key in forged.items()
        },
        "signed by der": compact(signer.header, good, lambda data: _der(sign("ES256", EC_KEY, data))),
        "zeros": f"{head}.{body}.{b64(bytes(length))}",
        "ones": f"{head}.{body}.{b64(bytes([0xFF]) * length)}",
        "one byte": f"{head}.{body}.AA",
        "cut": whole[:-4],
        "longer": f"{whole}AAAA",
        "another's payload": f"{head}.{another.split('.')[1]}.{signature}",
        "another's signature": f"{head}.{body}.{another.split('.')[2]}",
        "a key along": Signer(signer.algorithm, own, signer.key_id).token(
            good, jwk=_jwk(own), jku="https://evil.example/keys"
        ),
    }  # fmt: skip


_KIND = {
    "HS256": "other secret",
    "RS256": "rsa of others",
    "PS256": "rsa of others",
    "ES256": "p-256 of others",
    "EdDSA": "ed25519 of others",
    "Ed25519": "ed25519 of others",
}


def _jwk(key: PrivateKey | bytes) -> dict[str, Any]:
    return {"kty": "oct", "k": b64(key)} if isinstance(key, bytes) else jwk_of(key)


def _der(raw: bytes) -> bytes:
    half = len(raw) // 2
    return encode_dss_signature(
        int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")
    )


def confused_keys(now: float, signer: Signer) -> dict[str, str]:
    """Signed by HMAC with what everybody knows, under every name that might be taken for HMAC's."""
    secrets = {"nothing": b"", "zero": b"\0", "null": b"null", "none": b"None"}
    for name, key in (("rsa", RSA_KEY), ("p-256", EC_KEY), ("ed25519", ED_KEY)):
        pem = public_pem(key)
        secrets |= {
            f"{name} pem": pem.encode(),
            f"{name} pem stripped": pem.strip().encode(),
            f"{name} pem in a line": pem.replace("\n", "").encode(),
            f"{name} der": public_der(key),
            f"{name} jwk": json.dumps(jwk_of(key)).encode(),
            f"{name} jwk hash": hashlib.sha256(public_der(key)).digest(),
        }
    return {
        f"hmac as {alg} with {name}": raw_token({**signer.header, "alg": alg}, claims(now), secret)
        for alg in {"HS256", signer.algorithm}
        for name, secret in secrets.items()
    }


def bad_shapes(now: float, signer: Signer) -> dict[str, str]:
    good = claims(now)
    whole = signer.token(good)
    head, body, signature = whole.split(".")
    unsigned = raw_token({"alg": "none"}, good).rpartition(".")[0]
    return {
        "unsigned": f"{unsigned}.",
        "none and signed": f"{unsigned}.{signature}",
        "no signature": f"{head}.{body}.",
        "no payload": f"{head}..{signature}",
        "no header": f".{body}.{signature}",
        "long": signer.token(claims(now, pad="a" * 8192)),
        "padded": f"{head}=.{body}.{signature}",
        "not base64url": f"{head}.{body}+/.{signature}",
        "one letter": f"a.{body}.{signature}",
        "two parts": f"{head}.{body}",
        "four parts": f"{whole}.x",
        "jwe": "a.b.c.d.e",
        "dots": "..",
        "session id": "A" * 43,
    }
