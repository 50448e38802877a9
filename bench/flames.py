"""Where the processor's time goes, as a flame graph: `python -m bench.flames STACKS > picture.svg`.

STACKS is what a sampling profiler writes as collapsed stacks, one per line: frames from the outermost
inwards, joined by `;`, and how often they were seen. docs/performance.md says how to take them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

WIDTH, ROW, TOP = 1200.0, 17, 40
# Narrower frames are left out, and their time shows as a gap (pixels).
NARROWEST = 0.6
LETTER = 6.3
_PLACE = re.compile(r"^(?P<name>.+?) \((?P<file>[^)]*?):\d+\)$")


@dataclass(slots=True)
class Frame:
    """A function where it was called, how often it was seen, and what it called."""

    name: str
    seen: int = 0
    inner: dict[str, Frame] = field(default_factory=dict)


def main() -> None:
    stacks = Path(sys.argv[1]).read_text("utf-8").splitlines()
    print(picture(gather(stacks), sys.argv[2]), end="")


def gather(stacks: Iterable[str]) -> Frame:
    """The stacks as a tree; the root stands for all."""
    root = Frame("all")
    for stack in stacks:
        frames, _, seen = stack.rpartition(" ")
        frame = root
        frame.seen += int(seen)
        for place in frames.split(";"):
            name = named(place)
            frame = frame.inner.setdefault(name, Frame(name))
            frame.seen += int(seen)
    return root


def named(place: str) -> str:
    """`function  file`, without line and without the folders of a machine."""
    match = _PLACE.match(place)
    if match is None:
        return place
    file = match["file"].rpartition("site-packages/")[2]
    below = re.search(r"(?:^|/)(app/.*)", file)
    return f"{match['name']}  {below[1] if below else '/'.join(file.split('/')[-2:])}"


def picture(root: Frame, title: str) -> str:
    boxes = list(_boxes(root, 0.0, 0, root.seen))
    height = TOP + ROW * (1 + max(depth for _, _, depth, _ in boxes)) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height}">',
        "<style>text{font:11px monospace}.title{font:15px sans-serif}</style>",
        f'<rect width="{WIDTH:.0f}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="24" class="title">{escape(title)}</text>',
    ]
    for frame, x, depth, width in boxes:
        share = f"{frame.seen / root.seen:.1%}"
        letters = int((width - 4) / LETTER)
        shown = (
            frame.name if len(frame.name) <= letters else frame.name[: max(0, letters - 1)] + "…"
        )
        y = TOP + depth * ROW
        parts.append(
            f'<g><title>{escape(frame.name)}: {share}</title><rect x="{x:.1f}" y="{y}" '
            f'width="{width:.1f}" height="{ROW - 1}" fill="{_colour(frame.name)}"/>'
            + (f'<text x="{x + 2:.1f}" y="{y + 12}">{escape(shown)}</text>' if letters > 2 else "")
            + "</g>"
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _boxes(
    frame: Frame, x: float, depth: int, all_seen: int
) -> Iterator[tuple[Frame, float, int, float]]:
    """Each frame with its left edge, its row and its width, the outermost first."""
    width = WIDTH * frame.seen / all_seen
    if width < NARROWEST:
        return
    yield frame, x, depth, width
    for inner in sorted(frame.inner.values(), key=lambda one: one.name):
        yield from _boxes(inner, x, depth + 1, all_seen)
        x += WIDTH * inner.seen / all_seen


def _colour(name: str) -> str:
    """Ours, the platform's side, and everybody else's."""
    file = name.rpartition("  ")[2]
    if file.startswith("app/upstream"):
        return "#f2b67c"
    return "#8fb8f0" if file.startswith("app/") else "#dfe3e8"


if __name__ == "__main__":
    main()
