/**
 * A name before `key` in key order with hardly a name between the two: where a listing begins that is
 * to begin with `key`, for servers start behind a name.
 */
export function justBefore(key: string): string {
  const last = Array.from(key).at(-1) ?? "";
  const rest = key.slice(0, key.length - last.length);
  // Of the names that begin as far as the character before, nearly all come before its `~`.
  return /^["-~]$/.test(last) ? `${rest}${String.fromCharCode(last.charCodeAt(0) - 1)}~` : rest;
}
