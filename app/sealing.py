"""Sealing: what is written elsewhere (Redis) is readable only with a key of our ring.

AES-256-GCM (NIST SP 800-38D) under a key derived by HKDF-SHA256 (RFC 5869) from a ring key, for one
purpose and one record. Purpose, record and versions are associated data, so that a sealed value
cannot be put in the place of another. The newest key seals, every key of the ring opens.

What is inside has a form, and the form a version that stands before it in clear, so that a replica of
an older release sees at once that something is not for it, and never takes it for something else
(decision 31).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
# Of the sealing itself: where everything stands, and what it is sealed with.
VERSION = b"\x01"
_NONCE_BYTES = 12
_NAME_BYTES = 4
# The sealing's version, the form's, the key's name, the nonce. The first three stay where they are in
# every version: so the others are told from what is nothing of ours.
_FORM, _NAME = len(VERSION), len(VERSION) + 1
_NONCE = _NAME + _NAME_BYTES
_HEAD = _NONCE + _NONCE_BYTES


class Unreadable(Exception):
    """Sealed with a key that is not in the ring, for something else, or not at all."""


class Later(Unreadable):
    """Written by a later release: somebody can read it, and we cannot."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is sealed for one purpose: the version that is written, and those that are read.

    A release that changes what is inside reads the new version and writes the old one; the release
    after it writes the new one. So two that follow each other read all that either writes.
    """

    purpose: str
    writes: int = 1
    reads: tuple[int, ...] = (1,)


class Sealing:
    """`keys` of 32 bytes each, newest first; raises ValueError for others."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"a ring has one key or more, of {KEY_BYTES} bytes each")
        self._keys = {_name_of(key): key for key in keys}
        self._newest = _name_of(keys[0])

    def __repr__(self) -> str:
        return f"Sealing(keys={len(self._keys)})"

    def seal(self, form: Form, record: bytes, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        associated = _associated(form, form.writes, record)
        sealed = _cipher(self._keys[self._newest], associated).encrypt(nonce, plain, associated)
        return VERSION + bytes([form.writes]) + self._newest + nonce + sealed

    def open(self, form: Form, record: bytes, sealed: bytes) -> bytes:
        """What was sealed in this form for this record; raises Unreadable, or Later."""
        key = self._keys.get(sealed[_NAME:_NONCE])
        if key is None or len(sealed) < _HEAD:
            # What is nothing of ours is no later release's either.
            raise Unreadable
        version = sealed[_FORM]
        if sealed[:_FORM] > VERSION or version > max(form.reads):
            raise Later
        if not sealed.startswith(VERSION) or version not in form.reads:
            raise Unreadable
        associated = _associated(form, version, record)
        try:
            return _cipher(key, associated).decrypt(
                sealed[_NONCE:_HEAD], sealed[_HEAD:], associated
            )
        except InvalidTag:
            raise Unreadable from None


def _cipher(key: bytes, info: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(key))


def _associated(form: Form, version: int, record: bytes) -> bytes:
    return VERSION + bytes([version]) + form.purpose.encode() + b"\x00" + record


def _name_of(key: bytes) -> bytes:
    """Tells keys of a ring apart, and nothing else of them."""
    return sha256(b"ads-bff ring key" + key).digest()[:_NAME_BYTES]
