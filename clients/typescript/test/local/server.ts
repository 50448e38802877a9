/** A small server on a loopback port that answers as a test says, and remembers what it was asked. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { onTestFinished } from "vitest";

export type Answer = (asked: IncomingMessage, response: ServerResponse) => void;

export interface Server {
  origin: string;
  asked: IncomingMessage[];
}

/** Gives the answers in turn, the last one for ever; it stops with the test. */
export async function serve(...answers: Answer[]): Promise<Server> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    request.resume();
    answers[Math.min(asked.length, answers.length) - 1]?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_, response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

export function problem(
  status: number,
  code: string,
  more: object = {},
  headers: Record<string, string> = {},
): Answer {
  const body = { type: `urn:ads-bff:problem:${code}`, title: code, status, code, ...more };
  return json(status, body, { "Content-Type": "application/problem+json", ...headers });
}

/** The connection ends without an answer. */
export const cut: Answer = (asked) => void asked.socket.destroy();

/** Server-sent events, then the end; `hold` leaves the connection open. */
export function events(text: string, hold = false): Answer {
  return (_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(text);
    if (!hold) response.end();
  };
}
