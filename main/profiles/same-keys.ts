import type { Credentials } from "./credentials.ts";

/** The same keys again, even if their source says another time of their end. */
export function isSameKeys(a: Credentials, b: Credentials): boolean {
  const isSameSecret = a.secretAccessKey === b.secretAccessKey;
  return isSameSecret && a.accessKeyId === b.accessKeyId && a.sessionToken === b.sessionToken;
}
