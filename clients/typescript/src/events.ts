/** Server-sent events, read from a body (HTML Standard, section 9.2.6). */

export interface ServerSentEvent {
  event: string;
  data: string;
}

/**
 * The events of a stream, until it ends. After so many milliseconds without a byte it is taken for
 * lost and ends too. Ids and retry times are not used here and left out.
 */
export async function* serverSentEvents(
  body: ReadableStream<Uint8Array>,
  silence: number,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  let event = "";
  let data: string[] = [];
  for await (const line of lines(body, silence)) {
    if (line === "") {
      if (data.length > 0) yield { event: event || "message", data: data.join("\n") };
      event = "";
      data = [];
      continue;
    }
    const [name, value] = field(line);
    if (name === "event") event = value;
    else if (name === "data") data.push(value);
  }
}

/** A comment has no name. One space after the colon belongs to the format. */
function field(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(" ") ? value.slice(1) : value];
}

/** Lines end with CR LF, LF or CR. What stands after the last end is not a line. */
async function* lines(
  body: ReadableStream<Uint8Array>,
  silence: number,
): AsyncGenerator<string, void, undefined> {
  let rest = "";
  let returned = false;
  for await (const text of texts(body, silence)) {
    if (text === "") continue;
    // The line of a CR at the end of a chunk is told at once; an LF that follows belongs to it.
    const news = returned && text.startsWith("\n") ? text.slice(1) : text;
    const found = (rest + news).split(/\r\n|\n|\r/);
    returned = text.endsWith("\r");
    rest = found.pop() ?? "";
    yield* found;
  }
}

async function* texts(
  body: ReadableStream<Uint8Array>,
  silence: number,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const watchdog = setTimeout(() => void reader.cancel(), silence);
      const { done, value } = await reader.read().finally(() => clearTimeout(watchdog));
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
