import { LonghaulError } from "#shared/errors.ts";

/**
 * A shell pattern as a test of a whole path with `/` between folders. `*` and `?` stay within one
 * name, `**` crosses names, `[a-z]` and `[!a-z]` are sets, `{a,b}` is either, `\` takes the next
 * character as it is. Hidden names are names like any other (`path.matchesGlob` leaves them out).
 *
 * @throws {LonghaulError} `invalid` for a brace that is not closed, and the like.
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  const expression = toExpression(pattern);
  return (path) => expression.test(path);
}

function toExpression(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${translate(pattern)})$`, "su");
  } catch (error) {
    throw new LonghaulError("invalid", `the pattern ${pattern} cannot be read`, { cause: error });
  }
}

/** One alternative for each construct; whatever else there is stands for itself. */
const TOKEN = /\*\*\/|\*\*|\*|\?|\[!?\]?[^\]]*\]|\{|\}|,|\\.|./gsu;

function translate(pattern: string): string {
  let depth = 0;
  return pattern.replace(TOKEN, (token) => {
    if (token === "{") depth += 1;
    if (token === "}") depth -= 1;
    // A brace that nothing opened, and a comma outside braces, are ordinary characters.
    if (token === "}" && depth < 0) depth = 0;
    else if (token === "{") return "(?:";
    else if (token === "}") return ")";
    if (token === "," && depth > 0) return "|";
    return translateToken(token);
  });
}

function translateToken(token: string): string {
  if (token === "**/") return "(?:[^/]+/)*";
  if (token === "**") return ".*";
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  if (token.length > 1 && token.startsWith("[")) return translateSet(token);
  return escape(token.startsWith("\\") && token.length > 1 ? token.slice(1) : token);
}

function translateSet(token: string): string {
  const isNegated = token.startsWith("[!");
  const inside = token.slice(isNegated ? 2 : 1, -1).replace(/[\\[\]^&~]/gu, String.raw`\$&`);
  return inside === "" ? escape(token) : `[${isNegated ? "^/" : ""}${inside}]`;
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
}
