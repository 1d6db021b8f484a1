import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 bits, in characters that a URL takes as they are. */
export function createToken(): string {
  return randomBytes(32).toString("base64url");
}

/** In constant time, whatever the lengths. */
export function isSameToken(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/** From `Authorization: Bearer TOKEN`; null when the header is absent or of another kind. */
export function readBearer(header: string | undefined): string | null {
  return /^Bearer ([\w-]{1,256})$/.exec(header ?? "")?.[1] ?? null;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
