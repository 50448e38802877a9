// Changes that are shown at once, and taken back with words when the gateway refuses them.

import { complain, hush } from "./notices.js";

/**
 * Shows `wanted`, asks, and shows what it became; after a refusal shows `present` again.
 * @template V
 * @param {{present: V, wanted: V, show: (value: V) => void, ask: () => Promise<V>,
 *          words?: (error: unknown) => string | undefined}} change `words`: what a refusal means
 *   here, when that is clearer than the problem's own words
 * @returns {Promise<boolean>} whether it was done
 */
export async function atOnce({ present, wanted, show, ask, words }) {
  hush();
  show(wanted);
  try {
    show(await ask());
    return true;
  } catch (error) {
    show(present);
    complain(error, words?.(error));
    return false;
  }
}
