import { setNonce } from "get-nonce";
import { NONCE_META_NAME } from "#shared/web-protocol.ts";

/**
 * The nonce of this load, from the page's own head: style elements without it are refused by the
 * page's policy. Scroll locking makes such elements too, and reads `get-nonce`.
 */
export function takeNonce(page: Document): string {
  const meta = page.querySelector(`meta[name="${NONCE_META_NAME}"]`);
  const nonce = meta?.getAttribute("content") ?? "";
  if (nonce !== "") setNonce(nonce);
  return nonce;
}
