"""What is sealed opens with a key of the ring, for what it was sealed for, and not otherwise."""

from __future__ import annotations

import pytest

from app.sealing import KEY_BYTES, VERSION, Sealing, Unreadable

OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES
PLAIN = b"figures of a customer"


def test_what_was_sealed_opens() -> None:
    """Also what is empty; and nobody sees twice whether two values are the same."""
    sealing = Sealing([NEW])
    for plain in (PLAIN, b""):
        sealed = sealing.seal("answer", b"record", plain)
        assert sealing.open("answer", b"record", sealed) == plain
        assert sealing.seal("answer", b"record", plain) != sealed
        assert PLAIN not in sealed


@pytest.mark.parametrize(
    ("purpose", "record"),
    [("session", b"record"), ("answer", b"other"), ("answer", b""), ("answe", b"r\x00record")],
)
def test_another_purpose_or_record_does_not_open(purpose: str, record: bytes) -> None:
    """A value cannot be put in the place of another, of the same kind or of another."""
    sealing = Sealing([NEW])
    with pytest.raises(Unreadable):
        sealing.open(purpose, record, sealing.seal("answer", b"record", PLAIN))


def test_no_bit_can_be_changed() -> None:
    """Version, key's name, nonce, text and tag: whichever bit is another, it does not open."""
    sealing = Sealing([NEW, OLD])
    sealed = sealing.seal("answer", b"record", PLAIN)
    for bit in range(8 * len(sealed)):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Unreadable):
            sealing.open("answer", b"record", bytes(flipped))


def test_what_is_too_short_or_nothing_of_ours_does_not_open() -> None:
    """Whatever stands there, it is unreadable and never another error."""
    sealing = Sealing([NEW])
    sealed = sealing.seal("answer", b"record", PLAIN)
    for length in range(len(sealed)):
        with pytest.raises(Unreadable):
            sealing.open("answer", b"record", sealed[:length])
    for other in (b"\x00" * 64, sealed + b"\x00", VERSION * 64, PLAIN):
        with pytest.raises(Unreadable):
            sealing.open("answer", b"record", other)


def test_a_ring_is_rotated_without_loss() -> None:
    """The newest key seals, every key opens, one that has left the ring does not."""
    before, during, after = Sealing([OLD]), Sealing([NEW, OLD]), Sealing([NEW])
    old, new = (one.seal("answer", b"record", PLAIN) for one in (before, during))
    assert during.open("answer", b"record", old) == PLAIN
    assert after.open("answer", b"record", new) == PLAIN
    with pytest.raises(Unreadable):
        after.open("answer", b"record", old)
    with pytest.raises(Unreadable):
        before.open("answer", b"record", new)


def test_keys_are_shown_nowhere_and_are_whole() -> None:
    """A ring's repr tells how many; a key of another length makes none."""
    assert repr(Sealing([NEW, OLD])) == "Sealing(keys=2)"
    for keys in ([], [b"short"], [NEW, b""], [NEW + b"1"]):
        with pytest.raises(ValueError, match="32 bytes each"):
            Sealing(keys)
