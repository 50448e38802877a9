"""Sealing: what is written elsewhere (Redis) is readable only with a key of our ring.

AES-256-GCM (NIST SP 800-38D) under a key derived by HKDF-SHA256 (RFC 5869) from a ring key, for one
purpose and one record. Purpose, record and version are associated data, so that a sealed value
cannot be put in the place of another. The newest key seals, every key of the ring opens.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
VERSION = b"\x01"
_NONCE_BYTES = 12
_NAME_BYTES = 4
_HEAD = len(VERSION) + _NAME_BYTES + _NONCE_BYTES


class Unreadable(Exception):
    """Sealed with a key that is not in the ring, for something else, or not at all."""


class Sealing:
    """`keys` of 32 bytes each, newest first; raises ValueError for others."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"a ring has one key or more, of {KEY_BYTES} bytes each")
        self._keys = {_name_of(key): key for key in keys}
        self._newest = _name_of(keys[0])

    def __repr__(self) -> str:
        return f"Sealing(keys={len(self._keys)})"

    def seal(self, purpose: str, record: bytes, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        cipher = _cipher(self._keys[self._newest], purpose, record)
        sealed = cipher.encrypt(nonce, plain, _associated(purpose, record))
        return VERSION + self._newest + nonce + sealed

    def open(self, purpose: str, record: bytes, sealed: bytes) -> bytes:
        """What was sealed for this purpose and record; raises Unreadable."""
        key = self._keys.get(sealed[len(VERSION) : len(VERSION) + _NAME_BYTES])
        if key is None or not sealed.startswith(VERSION) or len(sealed) < _HEAD:
            raise Unreadable
        nonce = sealed[_HEAD - _NONCE_BYTES : _HEAD]
        try:
            cipher = _cipher(key, purpose, record)
            return cipher.decrypt(nonce, sealed[_HEAD:], _associated(purpose, record))
        except InvalidTag:
            raise Unreadable from None


def _cipher(key: bytes, purpose: str, record: bytes) -> AESGCM:
    derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=_associated(purpose, record)).derive(key)
    return AESGCM(derived)


def _associated(purpose: str, record: bytes) -> bytes:
    return VERSION + purpose.encode() + b"\x00" + record


def _name_of(key: bytes) -> bytes:
    """Tells keys of a ring apart, and nothing else of them."""
    return sha256(b"ads-bff ring key" + key).digest()[:_NAME_BYTES]
