"""Findings: what `bff check` has to say, for a person to read and for a pipeline to decide on."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

_SETTING = re.compile(r"BFF_[A-Z0-9_]+")


class Severity(StrEnum):
    """A `fault` keeps the gateway from its work, a `risk` deserves a second thought, a `note` is only
    for information."""

    FAULT = "fault"
    RISK = "risk"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """`sentence` names the setting that it is about; `advice` is the way out, where that is not in it."""

    severity: Severity
    sentence: str
    advice: str | None = None

    @property
    def setting(self) -> str | None:
        """The setting that it is about, the first that it names."""
        named = _SETTING.search(self.sentence)
        return named[0] if named else None

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"setting": self.setting, **asdict(self)}


def fault(sentence: str, advice: str | None = None) -> Finding:
    return Finding(Severity.FAULT, sentence, advice)


def risk(sentence: str, advice: str | None = None) -> Finding:
    return Finding(Severity.RISK, sentence, advice)


def note(sentence: str, advice: str | None = None) -> Finding:
    return Finding(Severity.NOTE, sentence, advice)
