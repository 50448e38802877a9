/** Periods: two inclusive days, written YYYY-MM-DD. */

export interface Period {
  startDate: string;
  endDate: string;
}

const DAY = 86_400_000;
/** The gateway gives a trend of so many points at most. */
const MOST_POINTS = 31;

export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** The last whole days, up to yesterday: today's figures still grow. */
export function lastDays(days: number, now = new Date()): Period {
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  return { startDate: written(today - days * DAY), endDate: written(today - DAY) };
}

export function lengthOf({ startDate, endDate }: Period): number {
  return (Date.parse(endDate) - Date.parse(startDate)) / DAY + 1;
}

/** Days as long as they are few, else weeks; null for a period that is too long for both. */
export function stepOf(period: Period): "day" | "week" | null {
  const days = lengthOf(period);
  if (days <= MOST_POINTS) return "day";
  return days <= (MOST_POINTS - 1) * 7 ? "week" : null;
}

/** For people, e.g. “1 – 28 May 2026”. */
export function inWords({ startDate, endDate }: Period): string {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
  return format.formatRange(new Date(startDate), new Date(endDate));
}

function written(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
