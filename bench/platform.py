"""The ads platform as nginx that answers what a scene holds, at next to no cost of its own.

User `user-N` is the administrator of team `team-N`, which has the demo team's ad accounts. An answer
that names user or team is made by a `return`, every other one is a file. What is asked for in the
query but the period chooses among the answers of an address; another query is answered 404.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.nginx import nginx
from bench.programs import Program, free_port
from bench.scene import TEAM, USER, Answer, Scene

# nginx reads no longer word than this in its configuration.
LONGEST_WORD = 4000
DEPENDS_ON = ("level", "breakdown", "fields")


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform while it runs."""

    program: Program
    folder: Path

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.program.port}"

    @property
    def calls(self) -> int:
        """How many requests for data of ad accounts there have been; those for tokens and for facts
        of teams are not counted."""
        with (self.folder / "calls.log").open("rb") as log:
            return sum(block.count(b"\n") for block in iter(lambda: log.read(1 << 20), b""))


@contextmanager
def platform(scene: Scene, folder: Path, core: int) -> Iterator[Platform]:
    folder.mkdir()
    port = free_port()
    content = _server(scene, folder, port)
    with nginx(folder, port, content, core=core) as program:
        yield Platform(program, folder)


def _server(scene: Scene, folder: Path, port: int) -> str:
    by_address: defaultdict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in scene.answers:
        by_address[answer.method, answer.path].append(answer)
    locations, files = [], []
    for number, ((method, path), answers) in enumerate(by_address.items()):
        if _personal(path) or method != "GET":
            locations.append(_made(path, answers[0]))
        else:
            locations.append(_chosen(path, f"{number}"))
            files += [
                _written(folder, f"{number}", place, one) for place, one in enumerate(answers)
            ]
    public = "".join(_public(folder, name, body) for name, body in scene.public.items())
    key = ":".join(f"$arg_{name}" for name in DEPENDS_ON)
    return (
        f'map "$address:{key}" $answer {{ default none.json;\n{"".join(files)}}}\n'
        f'log_format calls "$request_method $request_uri";\n'
        f"server {{ listen 127.0.0.1:{port} backlog=4096; root {folder}; set $address none;\n"
        f"{''.join(locations)}{public}}}\n"
    )


def _personal(path: str) -> bool:
    """What is about a user or a team, rather than about an ad account."""
    return "/meta/" not in path


def _made(path: str, answer: Answer) -> str:
    body = _of_user(answer.body)
    assert len(body) < LONGEST_WORD, path
    assert "'" not in body, path
    return f"location ~ {_pattern(path)} {{ return {answer.status} '{body}'; }}\n"


def _chosen(path: str, address: str) -> str:
    return (
        f"location ~ {_pattern(path)} {{ set $address {address}; access_log calls.log calls; "
        "rewrite ^ /$answer break; }\n"
    )


def _written(folder: Path, address: str, place: int, answer: Answer) -> str:
    """The answer in a file, and the line that leads to it."""
    name = f"answer-{address}-{place}.json"
    (folder / name).write_text(answer.body, "utf-8")
    asked = dict(answer.query)
    key = ":".join(quote(asked.get(one, ""), safe="") for one in DEPENDS_ON)
    return f'"{address}:{key}" {name};\n'


def _public(folder: Path, name: str, body: bytes) -> str:
    """What the gateway makes of it, for peers that trim nothing."""
    file = f"public-{slug(name)}.json"
    (folder / file).write_bytes(body)
    return (
        f"location = /public/{slug(name)} {{ access_log calls.log calls; "
        f"rewrite ^ /{file} break; }}\n"
    )


def slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def _pattern(path: str) -> str:
    return f'"^{re.escape(path).replace(re.escape(TEAM), "team-(?<number>[0-9]+)")}$"'


def _of_user(body: str) -> str:
    """The demo user's answer as that of the user whose number stands in the address."""
    named = json.dumps(USER)
    return body.replace(TEAM, "team-$number").replace(named, '"user-$number"')
