"""Take a user out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from app.clock import SystemClock
from app.commands.options import User, sound_settings
from app.leaving import forget as forget_user
from app.leaving import revoke as revoke_user


def revoke(user: User) -> None:
    """End every session of a user at every replica, and refuse what was issued to him until now."""
    _tell(asyncio.run(revoke_user(sound_settings(), user, SystemClock())))


def forget(user: User) -> None:
    """Revoke, and erase what is remembered of a user, refusals included: first remove him elsewhere."""
    _tell(asyncio.run(forget_user(sound_settings(), user, SystemClock())))


def _tell(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        print(sentence)
