// Lists that come in pages, and as one.

import { send } from "../http.js";

/**
 * A whole list, page after page; its source is that of the first.
 * @param {import("../http.js").Address} address
 * @param {import("../http.js").Query} [query]
 * @param {import("../http.js").How} [how]
 * @returns {Promise<import("../http.js").Answer<any[]>>}
 */
export async function all(address, query = {}, how = {}) {
  const first = await send("GET", address, { ...how, query: { ...query, limit: 200 } });
  const items = [...first.data.items];
  for (let cursor = first.data.nextCursor; cursor;) {
    const wanted = { ...query, limit: 200, cursor };
    const { data } = await send("GET", address, { ...how, query: wanted });
    items.push(...data.items);
    cursor = data.nextCursor;
  }
  return { data: items, source: first.source };
}
