/**
 * The module of that name beside the one that asks, to start a thread from: `.ts` where the sources
 * run, `.js` in the bundle, whose files all lie in one folder.
 *
 * @param name Without extension: `wire-worker`.
 */
export function siblingModule(importMetaUrl: string, name: string): URL {
  const { pathname } = new URL(importMetaUrl);
  const extension = pathname.slice(pathname.lastIndexOf("."));
  return new URL(`./${name}${extension}`, importMetaUrl);
}
