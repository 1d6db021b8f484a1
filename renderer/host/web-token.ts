import { TOKEN_NAME } from "#shared/web-protocol.ts";

/**
 * Takes the token off the page's address and keeps it for this tab, so that it is in no history and
 * no bookmark. Null where there never was one.
 */
export function takeToken(page: Window): string | null {
  const fragment = new URLSearchParams(page.location.hash.slice(1));
  const given = fragment.get(TOKEN_NAME);
  if (given === null) return page.sessionStorage.getItem(TOKEN_NAME);
  page.sessionStorage.setItem(TOKEN_NAME, given);
  page.history.replaceState(null, "", page.location.pathname + page.location.search);
  return given;
}
