"""Words that somebody else wrote, made fit for a log or an answer of ours."""

from __future__ import annotations

import re
from typing import Any

# Long words with figures in them may be a key or a token that the platform repeats to us.
_CREDENTIAL_LIKE = re.compile(r"(?=[\w.~+/=-]*\d)[\w.~+/=-]{16,}")


def shown(message: Any) -> str:
    """Printable, at most 200 characters, and without what may be a credential."""
    text = message[:1000] if isinstance(message, str) else ""
    return _CREDENTIAL_LIKE.sub("…", "".join(c if c.isprintable() else " " for c in text))[:200]
