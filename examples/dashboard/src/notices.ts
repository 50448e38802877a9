/** What is said to the reader: how it stands, and what went wrong. */

import { ProblemError } from "@ads-bff/client";

import { byId, element } from "./elements.js";

const status = byId("status", HTMLElement);
const box = byId("problem", HTMLElement);

export function say(words: string): void {
  status.replaceChildren(words);
}

export function hush(): void {
  say("");
  box.hidden = true;
}

/** The id lets support find the request in the logs. */
export function complain(error: unknown, again?: () => void): void {
  say("");
  if (error instanceof ProblemError) {
    const id = error.requestId ? `Request ${error.requestId}` : "";
    show(error.title, error.detail ?? "", id, again);
  } else {
    show("The service cannot be reached", "Is this device connected?", "", again);
  }
}

export function show(title: string, detail: string, id = "", again?: () => void): void {
  const button = element("button", { type: "button" }, "Try again");
  button.addEventListener("click", () => again?.());
  box.replaceChildren(
    element("strong", {}, title),
    element("span", {}, detail),
    element("small", {}, id),
    ...(again ? [button] : []),
  );
  box.hidden = false;
}
