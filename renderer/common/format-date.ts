const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const DAY_OF_YEAR = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
});

/** `11 Jul`, in this machine's time zone. Wall clock, milliseconds. */
export function formatDayOfMonth(atMs: number): string {
  return inThreeLetters(DAY.format(atMs));
}

/** `11 Jul 2026`, in this machine's time zone. Wall clock, milliseconds. */
export function formatDay(atMs: number): string {
  return inThreeLetters(DAY_OF_YEAR.format(atMs));
}

/** The locale gives September, and it alone, four letters: too many for a column. */
function inThreeLetters(day: string): string {
  return day.replace("Sept", "Sep");
}
