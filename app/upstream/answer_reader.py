"""Reading the answers that come over one connection, one after the other.

httptools takes them apart; what it leaves to its users is decided here: which answers have a body,
how long they may be, and whether anything may follow them.
"""

from __future__ import annotations

from typing import NoReturn

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from app.upstream.exchange import AnswerTooLarge, ExchangeError, Incoming, Sent

# So many bytes may come without any of a body: heads, interim answers, trailers.
LARGEST_HEAD = 100 * 1024
BODILESS = frozenset({204, 304})


class AnswerReader:
    """`sent` says how far the present answer came, `last` that no other can follow it.

    `largest` is that of a body, in bytes.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        self.begin(bodiless=False)

    def begin(self, *, bodiless: bool) -> None:
        """Expect an answer; to HEAD it is `bodiless`, whatever it announces."""
        self.sent = Sent.MAYBE
        self.complete = False
        self.last = False
        self._bodiless = bodiless
        self._until_end = False
        self._status = 0
        # Names and values in turn.
        self._lines: list[bytes] = []
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._size = 0
        self._barren = 0
        self._fault: ExchangeError | None = None

    def feed(self, data: bytes) -> None:
        """Read on; raises ExchangeError. Whatever comes after a complete answer does not hurt it."""
        assert self._parser is not None
        before = self._size
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            if not self.complete:
                raise self._fault or ExchangeError(self.sent, "not HTTP") from None
            self.last = True
        if self._size != before:
            self._barren = 0
        elif not self.complete:
            self._barren += len(data)
            if self._barren > LARGEST_HEAD:
                self._stop(ExchangeError(self.sent, "head too large"))

    def end(self) -> bool:
        """The connection ended in good order: whether the answer is complete by that."""
        if self._until_end:
            self.complete = self.last = True
        return self.complete

    def answer(self) -> Incoming:
        """The complete answer; the parts of its body are given away."""
        body = b"".join(self._parts)
        self._parts = []
        return Incoming(self._status, self._headers, body)

    def close(self) -> None:
        """Nothing comes any more: the parser and this would keep each other alive."""
        self._parser = None

    # What the parser calls.

    def on_message_begin(self) -> None:
        if self.complete:
            self.last = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Of trailers, and of an answer that nobody asked for, nothing is kept."""
        if self.sent is not Sent.ANSWERED:
            self._lines += (name, value)

    def on_headers_complete(self) -> None:
        if self.sent is Sent.ANSWERED:
            return
        assert self._parser is not None
        lines, self._lines = self._lines, []
        self._status = self._parser.get_status_code()
        if self._status < 100 or self._status == 101:
            self._stop(ExchangeError(self.sent, "no such status"))
        if self._status >= 200:
            self._frame(lines)

    def _frame(self, lines: list[bytes]) -> None:
        """How long the body is (RFC 9112, section 6.3); httptools saw to it that one length is named."""
        whole = b"\n".join(lines)
        if len(whole) > LARGEST_HEAD:
            self._stop(ExchangeError(self.sent, "head too large"))
        if lines and whole.count(b"\n") != len(lines) - 1:
            self._stop(ExchangeError(self.sent, "a header of several lines"))
        self._headers = headers = _in_text(whole)
        length, coding = headers.get("content-length"), headers.get("transfer-encoding")
        if coding is not None:
            if coding.lower() != "chunked":
                self._stop(ExchangeError(self.sent, "unknown transfer coding"))
            headers["transfer-encoding"] = "chunked"
        self.sent = Sent.ANSWERED
        if self._bodiless:
            # httptools knows nothing of HEAD, and goes on to read a body.
            self.complete = self.last = True
        elif self._status not in BODILESS:
            self._until_end = length is None and coding is None
            if length is not None and int(length) > self._largest:
                self._stop(AnswerTooLarge(self.sent, "answer too large"))

    def on_body(self, part: bytes) -> None:
        if self.complete:
            return
        self._size += len(part)
        if self._size > self._largest:
            self._stop(AnswerTooLarge(self.sent, "answer too large"))
        self._parts.append(part)

    def on_message_complete(self) -> None:
        """Interim answers end as well."""
        if self.complete or self.sent is not Sent.ANSWERED:
            return
        assert self._parser is not None
        self.complete = True
        keeps = self._parser.should_keep_alive() and self._parser.get_http_version() == "1.1"
        self.last = not keeps

    def _stop(self, fault: ExchangeError) -> NoReturn:
        """Out of the parser, which tells only that a callback failed."""
        self._fault = fault
        raise fault


def _in_text(lines: bytes) -> dict[str, str]:
    """Headers, of which names and values follow each other line by line, as UTF-8 if all of them are, as
    Latin-1 otherwise; those that repeat are joined."""
    try:
        text = lines.decode("utf-8")
    except UnicodeDecodeError:
        text = lines.decode("latin-1")
    parts = text.split("\n")
    # httptools takes away what stands before a value, and leaves what stands behind it.
    if " \n" in text or "\t\n" in text or text[-1:] in {" ", "\t"}:
        parts = [part.rstrip(" \t") for part in parts]
    names = "\n".join(parts[::2]).lower().split("\n")
    headers: dict[str, str] = {}
    for name, value in zip(names, parts[1::2], strict=False):
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
