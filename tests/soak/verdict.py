"""What was told, held against what there is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.soak.intents import End, Intent

TOLD_OF = frozenset({End.CREATED, End.SETTLED})


@dataclass
class Verdict:
    """Sentences about what must not be; none of any kind is a good end."""

    duplicates: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    failed_but_there: list[str] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)
    changes_lost: list[str] = field(default_factory=list)
    changes_unseen: list[str] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        """All of them, each with its kind."""
        return [f"{kind}: {one}" for kind, found in vars(self).items() for one in found]


def judge_money(
    verdict: Verdict, intents: Iterable[Intent], there: Mapping[str, list[str]]
) -> None:
    """`there`: the ids that bear a name at the platform.

    Of a name there are as many as were told of at least, and at most as many as were wanted and not
    told to have failed.
    """
    by_name: dict[str, list[Intent]] = defaultdict(list)
    for intent in intents:
        by_name[intent.name].append(intent)
    for name, wanted in by_name.items():
        found = there.get(name, [])
        ends = Counter(intent.end for intent in wanted)
        told = sum(ends[end] for end in TOLD_OF)
        words = f"{name}: {_words(wanted)}, there are {found}"
        if len(found) > len(wanted):
            verdict.duplicates.append(words)
        elif len(found) > len(wanted) - ends[End.FAILED]:
            verdict.failed_but_there.append(words)
        if len(found) < max(told, ends[End.SEEN] > 0):
            verdict.lost.append(words)
        made = Counter(one.made for one in wanted if one.made is not None)
        if set(made) - set(found) or any(number > 1 for number in made.values()):
            verdict.claimed.append(words)
    for name in set(there) - set(by_name):
        verdict.duplicates.append(f"nobody wanted {name}")


def _words(wanted: list[Intent]) -> str:
    return "; ".join(
        f"{one.operation} of {one.user} under {', '.join(one.keys)} is {one.end} ({one.made})"
        for one in wanted
    )
