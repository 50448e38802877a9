"""Other words for ids, names and addresses: always the same for the same one, and nobody can tell whose.

They are drawn with a key that ends with the process. What the gateway checks the form of keeps its form:
an id stays one of as many letters and digits, an address of mail or of the web stays one.
"""

from __future__ import annotations

import re
import secrets
from hashlib import shake_256
from itertools import count
from string import ascii_lowercase, ascii_uppercase, digits

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_WEB = re.compile(r"https?://\S+")
# How an ads network marks an account's id; it is no part of whose it is.
_MARK = "act_"
_ALPHABETS = (digits, ascii_lowercase, ascii_uppercase)
# So often another draw may be one that is taken; then there are no more of that length.
_DRAWS = 20


class Pseudonyms:
    """Those that were given so far."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()
        self._users = 0

    def of(self, text: str) -> str:
        """Its pseudonym."""
        if not text:
            return text
        return self._given.get(text) or self._give(text, self._drawn(text))

    def of_user(self, name: str) -> str:
        """A user's, which is easier to read: people sign in with it when a tape is played."""
        if name in self._given:
            return self._given[name]
        self._users += 1
        return self._give(name, f"user-{self._users}")

    def of_number(self, number: float) -> int:
        """That of a number that may be an id: another one with as many digits."""
        return int(self.of(str(abs(int(number)))))

    def _give(self, text: str, pseudonym: str) -> str:
        self._given[text] = pseudonym
        self._taken.add(pseudonym)
        return pseudonym

    def _drawn(self, text: str) -> str:
        for attempt in count():
            drawn = self._draw(text, attempt)
            if drawn != text and drawn not in self._taken:
                return drawn
        raise AssertionError("there is always another one")

    def _draw(self, text: str, attempt: int) -> str:
        seed = self._key + attempt.to_bytes(4) + text.encode("utf-8", "surrogatepass")
        if _MAIL.fullmatch(text):
            return f"{_shaped('a' * 12, seed)}@example.com"
        if _WEB.fullmatch(text):
            return f"https://example.com/{_shaped('a' * 12, seed)}"
        if not _ID.fullmatch(text):
            return f"Recorded {_shaped('a' * 8, seed)}"
        mark = _MARK if text.startswith(_MARK) and len(text) > len(_MARK) else ""
        longer = "0" * (attempt // _DRAWS)
        return mark + _shaped(text[len(mark) :] + longer, seed)


def _shaped(text: str, seed: bytes) -> str:
    """Digits for digits, letters for letters, and whatever else stays; no number begins with zero."""
    drawn = shake_256(seed).digest(len(text))
    shaped = [_other(character, byte) for character, byte in zip(text, drawn, strict=True)]
    if shaped[0] == "0":
        shaped[0] = digits[1 + drawn[0] % 9]
    return "".join(shaped)


def _other(character: str, byte: int) -> str:
    alphabet = next((one for one in _ALPHABETS if character in one), None)
    return alphabet[byte % len(alphabet)] if alphabet else character
