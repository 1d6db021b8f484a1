const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** `11 Jul 2026`, in this machine's time zone. Wall clock, milliseconds. */
export function formatDay(atMs: number): string {
  return DAY.format(atMs);
}
