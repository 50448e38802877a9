// For those who see no workspace: name one, or create it.

import { byId, html } from "../elements.js";
import { textField } from "../fields.js";
import { createForm } from "../forms.js";
import { createWorkspace } from "../gateway/workspaces.js";
import { say } from "../notices.js";
import { go } from "../place.js";

/** @param {() => void} reload */
export function createWorkspaceForms(reload) {
  const place = byId("no-workspace", HTMLElement);
  let enterprise = "";

  const opening = createForm({
    fields: {
      enterprise: textField({
        name: "enterprise",
        label: "Enterprise id",
        required: true,
        maxlength: 256,
      }),
    },
    submit: "Open",
    act: (entered) => go({ workspace: entered.enterprise }),
  });
  const creating = createForm({
    fields: {
      name: textField({
        name: "name",
        label: "Name of the workspace",
        required: true,
        maxlength: 200,
        autocomplete: "organization",
      }),
    },
    submit: "Create workspace",
    async act(entered) {
      const { data } = await createWorkspace(enterprise, entered.name);
      say(`The workspace “${data.name}” is there. You are its admin.`);
      reload();
    },
  });

  /** @param {import("../scope.js").Scope} scope */
  function show(scope) {
    place.hidden = scope.workspace !== null;
    if (place.hidden || (enterprise === scope.enterprise && place.hasChildNodes())) return;
    enterprise = scope.enterprise;
    place.replaceChildren(...(enterprise ? absent(enterprise) : unnamed()));
  }

  function unnamed() {
    return [
      html("h2", {}, "Which workspace?"),
      html("p", {}, "Your sign-in names no enterprise. Enter the id of yours."),
      opening.element,
    ];
  }

  /** @param {string} id */
  function absent(id) {
    return [
      html("h2", {}, "No workspace yet"),
      html(
        "p",
        {},
        "There is no workspace for ",
        html("strong", {}, id),
        " that you can see. If your enterprise is new here, create it and become its admin.",
      ),
      creating.element,
    ];
  }

  return { show };
}
