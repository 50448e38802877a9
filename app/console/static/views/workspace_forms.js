// For those who see no workspace: name one, or create it.

import { byId } from "../elements.js";
import { createWorkspace } from "../gateway.js";
import { complain, say } from "../notices.js";
import { go } from "../place.js";

/** @param {() => void} reload */
export function createWorkspaceForms(reload) {
  const opening = byId("open-workspace", HTMLElement);
  const creating = byId("new-workspace", HTMLElement);
  let enterprise = "";

  onSubmit("open-workspace-form", (entered) => go({ workspace: entered("enterprise") }));
  onSubmit("new-workspace-form", async (entered) => {
    try {
      const { data } = await createWorkspace(enterprise, entered("name"));
      say(`The workspace “${data.name}” is there. You are its admin.`);
      reload();
    } catch (error) {
      complain(error);
    }
  });

  /** @param {import("../scope.js").Scope} scope */
  function show(scope) {
    enterprise = scope.enterprise;
    opening.hidden = enterprise !== "";
    creating.hidden = enterprise === "" || scope.workspace !== null;
    byId("new-workspace-enterprise", HTMLElement).replaceChildren(enterprise);
  }

  return { show };
}

/**
 * @param {string} id
 * @param {(entered: (name: string) => string) => void} act
 */
function onSubmit(id, act) {
  const form = byId(id, HTMLFormElement);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = new FormData(form);
    act((name) => String(values.get(name) ?? "").trim());
  });
}
