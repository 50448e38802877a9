/** Elements by id, and new ones; text is only ever text. */

export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page lacks #${id}`);
  return found;
}

/** The first element of that kind below another one. */
export function within<E extends Element>(parent: Element, selector: string, kind: new () => E): E {
  const found = parent.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`The page lacks ${selector}`);
  return found;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string>,
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

/** Puts rows into a table that has none, or other ones. */
export function fill(table: HTMLTableElement, head: string[], rows: (Node | string)[][]): void {
  const headings = head.map((name) => element("th", { scope: "col" }, name));
  table.replaceChildren(
    element("thead", {}, element("tr", {}, ...headings)),
    element("tbody", {}, ...rows.map(row)),
  );
}

function row([name, ...values]: (Node | string)[]): HTMLTableRowElement {
  const cells = values.map((value) => element("td", {}, value));
  return element("tr", {}, element("th", { scope: "row" }, name ?? ""), ...cells);
}

/** The choices of a list, with the chosen one. A list of one choice is shown all the same. */
export function offer(list: HTMLSelectElement, choices: [string, string][], chosen: string): void {
  list.replaceChildren(...choices.map(([value, name]) => new Option(name, value)));
  list.value = chosen;
  list.disabled = choices.length === 0;
}
