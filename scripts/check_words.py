"""Looks for words that do not belong into the repository, in every file that git would take.

The address of a package registry (a lock says what, the machine says whence), a path of one
person's machine, what a merge left behind. `check_words.py FOLDER` looks at another checkout.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

# Words that give a registry or its mirror away, wherever they stand in a host's name.
REGISTRY_WORDS = frozenset(
    {
        "pypi",
        "pythonhosted",
        "npmjs",
        "npmmirror",
        "yarnpkg",
        "registry",
        "mirror",
        "mirrors",
        "deb",
    }
)
HOST = re.compile(r"(?:[a-z0-9-]+\.)+(?:org|com|net|io|dev|cn)\b", re.IGNORECASE)
# Written so that no pattern matches itself.
INDEX_OPTION = re.compile(r"--(?:extra-)?index-ur[l]|--find-link[s]|(?:PIP|UV)_(?:\w+_)?INDE[X]")
MACHINE_PATH = re.compile(r"(?<![\w.{}*-])/(?:work|root|home|Users)/[\w.]|\.\./share[d]\b")
MERGE_MARKER = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: |$)")


def main(arguments: list[str]) -> int:
    checkout = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    files = list(taken_by_git(checkout))
    faults = [fault for path in files for fault in faults_in(checkout, path)]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"Words: {len(files)} files, {len(faults)} faults.")
    return 1 if faults or not files else 0


def taken_by_git(checkout: Path) -> Iterator[Path]:
    """Tracked files, and those that would be with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True)
    for name in sorted(set(listed.stdout.split("\0")) - {""}):
        if (checkout / name).is_file():
            yield Path(name)


def faults_in(checkout: Path, path: Path) -> Iterator[str]:
    try:
        text = (checkout / path).read_text("utf-8")
    except UnicodeDecodeError:
        return  # a picture has no words
    for number, line in enumerate(text.splitlines(), start=1):
        for name, stands_in in RULES.items():
            if word := stands_in(line):
                yield f"{path}:{number}: {name}: {word}"


def registry_host(line: str) -> str | None:
    for host in HOST.findall(line):
        if REGISTRY_WORDS & set(host.lower().split(".")[:-1]):
            return str(host)
    return None


def matched(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    def first(line: str) -> str | None:
        found = pattern.search(line)
        return found.group() if found else None

    return first


RULES: dict[str, Callable[[str], str | None]] = {
    "the address of a package registry": registry_host,
    "where packages come from": matched(INDEX_OPTION),
    "a path of one machine": matched(MACHINE_PATH),
    "what a merge left behind": matched(MERGE_MARKER),
}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
