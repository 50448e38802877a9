"""What is bounded by use: never more than allowed, never without what was used last, never wrong."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.recent import Recent

KEYS = st.integers(0, 30)
STEPS = st.lists(st.tuples(st.sampled_from(["put", "get", "pop"]), KEYS), max_size=200)


@given(most=st.integers(2, 12), steps=STEPS)
def test_it_forgets_those_unused_for_longest(most: int, steps: list[tuple[str, int]]) -> None:
    """Whatever is done: at most so many are there, the half that was used last is among them unless it was
    taken out, and a value that is there is the one that was put there last."""
    recent: Recent[int, int] = Recent(most)
    truth: dict[int, int] = {}
    used: list[int] = []
    for number, (step, key) in enumerate(steps):
        if step == "put":
            recent[key] = truth[key] = number
        elif step == "pop":
            assert recent.pop(key) in {None, truth.pop(key, None)}
        elif (value := recent.get(key)) is not None:
            assert value == truth[key]
        if key in truth and (step == "put" or key in recent):
            used = [*(one for one in used if one != key), key]
        assert len(recent) == len(list(recent)) <= most
        assert all(recent.young.get(one, truth[one]) == truth[one] for one in recent)
        assert set(used[-(most // 2) :]) & truth.keys() <= set(recent)
