/** User metadata that keeps what a file is besides its bytes: the names and forms that rclone uses. */
export const MTIME_METADATA = "mtime";
export const MODE_METADATA = "mode";

const NS_DIGITS = 9;
/** Regular files only are sent. */
const S_IFREG = 0o100_000;
const PERMISSIONS = 0o777;

/** `1700000000.25`: seconds since 1970, with as much fraction as there is. */
export function formatMtime(mtimeNs: bigint): string {
  const sign = mtimeNs < 0n ? "-" : "";
  const digits = String(mtimeNs < 0n ? -mtimeNs : mtimeNs).padStart(NS_DIGITS + 1, "0");
  const fraction = digits.slice(-NS_DIGITS).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -NS_DIGITS)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Nanoseconds since 1970; null for what is no such time. */
export function parseMtime(text: string | undefined): bigint | null {
  const found = /^(-?)(\d{1,11})(?:\.(\d{1,18}))?$/.exec(text?.trim() ?? "");
  if (found === null) return null;
  const [, sign = "", seconds = "0", fraction = ""] = found;
  const ns = BigInt(seconds + fraction.slice(0, NS_DIGITS).padEnd(NS_DIGITS, "0"));
  return sign === "-" ? -ns : ns;
}

/** `100644`: octal, with the bits that say that it is a file. */
export function formatMode(mode: number): string {
  return (S_IFREG | (mode & PERMISSIONS)).toString(8);
}

/** Read, write and execute; never what would run as somebody else. Null for what is no such mode. */
export function parseMode(text: string | undefined): number | null {
  return text !== undefined && /^[0-7]{3,7}$/.test(text)
    ? Number.parseInt(text, 8) & PERMISSIONS
    : null;
}
