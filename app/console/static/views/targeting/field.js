// Search and chips as one field of a form.

import { html } from "../../elements.js";
import { edited, notesFor, optional } from "../../fields.js";
import { TYPES, isUsable } from "./audience.js";
import { createChips } from "./chips.js";
import { createTargetingSearch } from "./search.js";

/** @typedef {import("../../gateway/campaigns.js").AccountOfTeam} AccountOfTeam */
/** @typedef {import("../../gateway/meta.js").TargetingType} TargetingType */
/** @typedef {import("./audience.js").Chosen} Chosen */

/**
 * `kind` limits places to one of theirs, e.g. country; `most` is how many there may be of a type.
 * @param {import("../../fields.js").Named & {search: string, types: readonly TargetingType[],
 *          account: () => AccountOfTeam | null, empty?: string, kind?: string,
 *          most?: Partial<Record<TargetingType, number>>}} targeting
 * @returns {import("../../fields.js").Field<Chosen[]>}
 */
export function targetingField({ types, account, kind, most = {}, ...given }) {
  const { name, label, required = false, pointer = `/body/targeting/${name}` } = given;
  const { hint, fault, describedBy } = notesFor(given);
  const legend = html("legend", {}, label, required ? "" : optional());
  const chips = createChips({
    label,
    empty: given.empty ?? (required ? "Nothing chosen yet." : "No limits."),
    removed,
    last: () => search.input.focus(),
  });
  const search = createTargetingSearch({
    label: given.search,
    types,
    describedBy,
    account,
    fits: (one) => isUsable(one) && (kind === undefined || one.option.type === kind),
    isChosen: (one) => chips.value().some((other) => isSame(one, other)),
    choose,
  });
  const element = html(
    "fieldset",
    { class: "field checks", "aria-describedby": describedBy },
    legend,
    hint,
    chips.element,
    search.element,
    fault,
  );

  /** @param {Chosen} one */
  function choose(one) {
    const others = chips.value();
    const alike = others.filter(({ type }) => type === one.type);
    // Where there is room for one only, the new one takes its place.
    const out = alike.length >= (most[one.type] ?? Infinity) ? alike[0] : null;
    chips.set([...others.filter((other) => other !== out), one]);
    show("");
    edited(element);
  }

  function removed() {
    search.refresh();
    edited(element);
  }

  /** @param {string} words */
  function show(words) {
    fault.replaceChildren(words);
    fault.hidden = words === "";
    if (words) search.input.setAttribute("aria-invalid", "true");
    else search.input.removeAttribute("aria-invalid");
  }

  return {
    name,
    pointer,
    element,
    value: chips.value,
    set(wanted) {
      chips.set(wanted);
      search.clear();
    },
    check: () => (required && !chips.value().length ? "Choose at least one of those found." : ""),
    fault: show,
    focus: () => search.input.focus(),
    // The types of one search have places of their own in the body.
    parts: () => (types.length > 1 ? types.map((type) => stand(type)) : []),
  };

  /**
   * Takes the faults of one type.
   * @param {TargetingType} type
   * @returns {import("../../fields.js").Field<null>}
   */
  function stand(type) {
    return {
      name: type,
      pointer: `/body/targeting/${TYPES[type].field}`,
      element,
      value: () => null,
      set: () => {},
      check: () => "",
      fault(words) {
        if (words) show(`${TYPES[type].words}: ${words}`);
      },
      focus: () => search.input.focus(),
    };
  }
}

/**
 * @param {Chosen} one
 * @param {Chosen} other
 */
export function isSame(one, other) {
  const sameKind = one.type === other.type && one.option.type === other.option.type;
  return sameKind && one.option.id === other.option.id;
}
