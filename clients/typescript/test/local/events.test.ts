import { describe, expect, test } from "vitest";

import { serverSentEvents } from "../../src/events.js";

/** A body that arrives in these chunks. */
function body(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

async function parsed(stream: ReadableStream<Uint8Array>) {
  const found = [];
  for await (const { event, data } of serverSentEvents(stream, 1000)) found.push([event, data]);
  return found;
}

describe("server-sent events", () => {
  test.each([
    ["event: parts\ndata: {}\n\n", [["parts", "{}"]]],
    ["data: a\ndata:b\ndata:  c\ndata\n\n", [["message", "a\nb\n c\n"]]],
    [": heartbeat\n\n:\n\nevent: ready\ndata: {}\n: within\n\n", [["ready", "{}"]]],
    ["event: nothing\n\ndata: 1\n\n", [["message", "1"]]],
    ["id: 7\nretry: 10\nodd: x\ndata: 1\n\n", [["message", "1"]]],
    ["\uFEFFdata: 1\n\n", [["message", "1"]]],
    ["data: 1\n\nevent: parts\ndata: cut off\n", [["message", "1"]]],
    ["data:\n\n", [["message", ""]]],
    ["", []],
  ])("%j", async (text, events) => {
    expect(await parsed(body(bytes(text)))).toEqual(events);
  });

  const text = ": hé\r\nevent: parts\r\ndata: {\"name\":\"Zelte 🏕\"}\r\n\r\ndata: a\rdata: b\r\rdata: c\n\n";
  const events = [
    ["parts", '{"name":"Zelte 🏕"}'],
    ["message", "a\nb"],
    ["message", "c"],
  ];

  test("are the same wherever the bytes are cut", async () => {
    const all = bytes(text);
    for (let cut = 0; cut <= all.length; cut++) {
      const halves = body(all.slice(0, cut), all.slice(cut));
      expect(await parsed(halves), `cut at ${cut}`).toEqual(events);
    }
    expect(await parsed(body(...[...all].map((byte) => Uint8Array.of(byte))))).toEqual(events);
  });

  test("are told as soon as their empty line is there, however it ends", async () => {
    for (const end of ["\n\n", "\r\r", "\r\n\r\n"]) {
      let send: ReadableStreamDefaultController<Uint8Array> | undefined;
      const open = new ReadableStream<Uint8Array>({ start: (controller) => void (send = controller) });
      const read = serverSentEvents(open, 1000);
      send?.enqueue(bytes(`data: 1${end}`));
      expect((await read.next()).value).toEqual({ event: "message", data: "1" });
      await read.return();
    }
  });

  test("end with the reader's interest: the connection is given back", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes("data: 1\n\n")),
      cancel: () => void (cancelled = true),
    });
    for await (const told of serverSentEvents(endless, 1000)) {
      expect(told.data).toBe("1");
      break;
    }
    expect(cancelled).toBe(true);
  });
});
