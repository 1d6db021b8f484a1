import { contentSecurityPolicy } from "#shared/page-policy.ts";

/** On every response. */
export const COMMON_HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
} as const;

/** On the page itself. */
export function pageHeaders(nonce: string): Record<string, string> {
  return { ...COMMON_HEADERS, "content-security-policy": contentSecurityPolicy(nonce) };
}
