"""A chart of lines over a logarithmic axis, as SVG of our own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 360, 56, 190, 44, 40
COLOURS = ("#1f6feb", "#bf5b04", "#2d7d46")


@dataclass(frozen=True, slots=True)
class Line:
    """One value for each place on the axis."""

    name: str
    values: Sequence[float]


def chart(title: str, unit: str, places: Sequence[int], lines: Sequence[Line]) -> str:
    """The values from 0 upwards, the places by their logarithms."""
    top = max(max(line.values) for line in lines) * 1.2
    span = math.log10(places[-1]) - math.log10(places[0])

    def x(place: int) -> float:
        part = (math.log10(place) - math.log10(places[0])) / span
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
        "<style>text{font:12px sans-serif}.title{font-size:15px}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" class="title">{escape(title)}</text>',
    ]
    for step in range(5):
        value = top * step / 4
        parts += [
            f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="#d8dee4"/>',
            f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.1f}</text>',
        ]
    parts.append(f'<text x="{LEFT - 6}" y="{TOP - 8}" text-anchor="end">{escape(unit)}</text>')
    parts += [
        f'<text x="{x(place):.1f}" y="{HEIGHT - 16}" text-anchor="middle">{place:,}</text>'
        for place in places
    ]
    for line, colour in zip(lines, COLOURS, strict=False):
        points = [f"{x(p):.1f} {y(v):.1f}" for p, v in zip(places, line.values, strict=True)]
        end = f'x="{WIDTH - RIGHT + 8}" y="{y(line.values[-1]) + 4:.1f}" fill="{colour}"'
        parts += [
            f'<path d="M{"L".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f"<text {end}>{escape(line.name)}</text>",
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
