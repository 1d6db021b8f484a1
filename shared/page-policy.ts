import { NONCE_META_NAME } from "./web-protocol.ts";

/** What the window's page may load and reach, in both hosts. `nonce` is fresh for every load. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** On every response of a host. */
export const PAGE_HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
} as const;

/** On the page itself. */
export function pageHeaders(nonce: string): Record<string, string> {
  return { ...PAGE_HEADERS, "content-security-policy": contentSecurityPolicy(nonce) };
}

/** Puts the nonce where the page's scripts find it: into the empty element that waits for it. */
export function insertNonce(html: string, nonce: string): string {
  return html.replace(EMPTY_NONCE, `<meta name="${NONCE_META_NAME}" content="${nonce}" />`);
}

const EMPTY_NONCE = new RegExp(`<meta name="${NONCE_META_NAME}" content=""\\s*/?>`);

/** Types of the files in the page's folder, by extension. */
export const PAGE_FILE_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};
