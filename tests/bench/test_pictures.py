"""Pictures of measurements are drawn by us, and say what was measured and nothing of the machine."""

from __future__ import annotations

from xml.etree import ElementTree

from bench.chart import Line, chart
from bench.flames import gather, named, picture

STACKS = [
    "answer (/elsewhere/ads/app/gateway/recall.py:180);get (app/cache/store.py:77) 30",
    "answer (/elsewhere/ads/app/gateway/recall.py:181) 60",
    "run (/x/lib/python3/site-packages/uvicorn/server.py:9);send (/y/httptools_impl.py:4) 10",
]


def texts(svg: str) -> list[str]:
    return [found.text or "" for found in ElementTree.fromstring(svg).iter() if found.text]


def test_flames_are_as_wide_as_they_were_seen() -> None:
    """A frame is as wide as its part of all samples; lines of one function are one frame."""
    root = gather(STACKS)
    assert (root.seen, {name: one.seen for name, one in root.inner.items()}) == (
        100,
        {"answer  app/gateway/recall.py": 90, "run  uvicorn/server.py": 10},
    )
    told = texts(picture(root, "A title <here>"))
    assert "A title <here>" in told
    assert "answer  app/gateway/recall.py: 90.0%" in told
    assert not [text for text in told if "elsewhere" in text or "lib/python" in text]


def test_places_without_a_file_are_named_as_they_are() -> None:
    """What no file belongs to, a thread for example, keeps its name."""
    assert named("process 1") == "process 1"


def test_a_chart_has_every_place_and_every_line() -> None:
    """Each number of entries and each name stands in the picture, which is well-formed."""
    svg = chart("Title", "µs", [10, 1000], [Line("one & other", [1.0, 2.0]), Line("b", [3.0, 0.5])])
    assert {"Title", "µs", "10", "1,000", "one & other", "b"} <= set(texts(svg))
