"""What is sealed opens with a key of the ring, for what it was sealed for, and not otherwise."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.sealing import KEY_BYTES, VERSION, Form, Later, Sealing, Unreadable

OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES
PLAIN = b"figures of a customer"
ANSWER = Form("answer")


def test_what_was_sealed_opens() -> None:
    """Also what is empty; and nobody sees twice whether two values are the same."""
    sealing = Sealing([NEW])
    for plain in (PLAIN, b""):
        sealed = sealing.seal(ANSWER, b"record", plain)
        assert sealing.open(ANSWER, b"record", sealed) == plain
        assert sealing.seal(ANSWER, b"record", plain) != sealed
        assert PLAIN not in sealed


@pytest.mark.parametrize(
    ("purpose", "record"),
    [("session", b"record"), ("answer", b"other"), ("answer", b""), ("answe", b"r\x00record")],
)
def test_another_purpose_or_record_does_not_open(purpose: str, record: bytes) -> None:
    """A value cannot be put in the place of another, of the same kind or of another."""
    sealing = Sealing([NEW])
    with pytest.raises(Unreadable):
        sealing.open(Form(purpose), record, sealing.seal(ANSWER, b"record", PLAIN))


def test_no_bit_can_be_changed() -> None:
    """Version, key's name, nonce, text and tag: whichever bit is another, it does not open."""
    sealing = Sealing([NEW, OLD])
    sealed = sealing.seal(ANSWER, b"record", PLAIN)
    for bit in range(8 * len(sealed)):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Unreadable):
            sealing.open(ANSWER, b"record", bytes(flipped))


def test_what_is_too_short_or_nothing_of_ours_does_not_open() -> None:
    """Whatever stands there, it is unreadable and never another error."""
    sealing = Sealing([NEW])
    sealed = sealing.seal(ANSWER, b"record", PLAIN)
    for length in range(len(sealed)):
        with pytest.raises(Unreadable):
            sealing.open(ANSWER, b"record", sealed[:length])
    for other in (b"\x00" * 64, sealed + b"\x00", VERSION * 64, PLAIN):
        with pytest.raises(Unreadable):
            sealing.open(ANSWER, b"record", other)


def test_a_ring_is_rotated_without_loss() -> None:
    """The newest key seals, every key opens, one that has left the ring does not."""
    before, during, after = Sealing([OLD]), Sealing([NEW, OLD]), Sealing([NEW])
    old, new = (one.seal(ANSWER, b"record", PLAIN) for one in (before, during))
    assert during.open(ANSWER, b"record", old) == PLAIN
    assert after.open(ANSWER, b"record", new) == PLAIN
    with pytest.raises(Unreadable):
        after.open(ANSWER, b"record", old)
    with pytest.raises(Unreadable):
        before.open(ANSWER, b"record", new)


def test_keys_are_shown_nowhere_and_are_whole() -> None:
    """A ring's repr tells how many; a key of another length makes none."""
    assert repr(Sealing([NEW, OLD])) == "Sealing(keys=2)"
    for keys in ([], [b"short"], [NEW, b""], [NEW + b"1"]):
        with pytest.raises(ValueError, match="32 bytes each"):
            Sealing(keys)


def test_two_releases_that_follow_each_other_read_what_either_writes() -> None:
    """A form's new version is read by one release before the next one writes it, and the old one is read
    by both."""
    sealing = Sealing([NEW])
    releases = [
        ANSWER,
        Form("answer", writes=1, reads=(1, 2)),
        Form("answer", writes=2, reads=(1, 2)),
        Form("answer", writes=2, reads=(2,)),
    ]
    for before, after in pairwise(releases):
        for writer, reader in ((before, after), (after, before)):
            sealed = sealing.seal(writer, b"record", PLAIN)
            assert sealing.open(reader, b"record", sealed) == PLAIN


def test_what_a_later_release_wrote_is_told_apart_from_what_nobody_can_read() -> None:
    """It is there, though not for us; what an old release wrote and nobody reads any more is unreadable."""
    sealing = Sealing([NEW])
    late = Form("answer", writes=2, reads=(2,))
    with pytest.raises(Later):
        sealing.open(ANSWER, b"record", sealing.seal(late, b"record", PLAIN))
    with pytest.raises(Unreadable) as foreign:
        sealing.open(ANSWER, b"record", Sealing([OLD]).seal(late, b"record", PLAIN))
    assert foreign.type is Unreadable
    sealed = sealing.seal(ANSWER, b"record", PLAIN)
    with pytest.raises(Later):
        sealing.open(ANSWER, b"record", bytes([VERSION[0] + 1]) + sealed[1:])
    with pytest.raises(Unreadable) as caught:
        sealing.open(late, b"record", sealed)
    assert caught.type is Unreadable
