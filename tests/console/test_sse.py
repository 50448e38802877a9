"""What the console reads out of a stream of server-sent events, however the network cuts it up."""

from __future__ import annotations

from typing import Any

from .screen import Screen

# A byte order mark, each end of a line, comments, fields that mean nothing, and an unfinished end.
STREAM = (
    "\ufeff: a comment\n\n"
    'event: scope\r\ndata: {"name":"Größen"}\r\n\r\n'
    "data:first\rdata: second\r\r"
    ":\n\nid: 7\nretry: 10\nunknown: field\nevent: nothing\n\n"
    "data\ndata:  two blanks\n\n"
    "event: ready\ndata: {}\n\n"
    "event: bye\ndata: unfinished"
)
MESSAGES = [
    {"event": "scope", "data": '{"name":"Größen"}'},
    {"event": "message", "data": "first\nsecond"},
    {"event": "message", "data": "\n two blanks"},
    {"event": "ready", "data": "{}"},
]
# Every way to cut the bytes in two, each byte alone, and all at once.
READ = """async (text) => {
  const { messagesOf } = await import("/console/sse.js");
  const bytes = new TextEncoder().encode(text);
  const cuts = [...bytes.keys()].map((n) => [bytes.slice(0, n), bytes.slice(n)]);
  const read = async (chunks) => {
    const found = [];
    const stream = new ReadableStream({
      start(to) {
        for (const chunk of chunks) to.enqueue(chunk);
        to.close();
      },
    });
    for await (const message of messagesOf(stream)) found.push(message);
    return found;
  };
  return Promise.all([...cuts, [...bytes].map((byte) => Uint8Array.of(byte))].map(read));
}"""
LEAVE = """async () => {
  const { messagesOf } = await import("/console/sse.js");
  let left = false;
  const stream = new ReadableStream({
    start: (to) => to.enqueue(new TextEncoder().encode("data: one\\n\\ndata: two\\n\\n")),
    cancel: () => { left = true; },
  });
  for await (const message of messagesOf(stream)) break;
  await new Promise((resolve) => setTimeout(resolve));
  return left;
}"""


def test_chunks_may_end_anywhere(screen: Screen) -> None:
    """The same messages come out wherever the bytes are cut, also within a character or a line's
    end; what is not finished when the stream ends is no message."""
    screen.open()
    found: list[list[dict[str, Any]]] = screen.page.evaluate(READ, STREAM)
    assert len(found) > len(STREAM)
    assert [read for read in found if read != MESSAGES] == []


def test_whoever_stops_listening_closes_the_stream(screen: Screen) -> None:
    """A stream of which nobody reads on is cancelled, and with it the connection."""
    screen.open()
    assert screen.page.evaluate(LEAVE) is True
