/**
 * Of the beginning of a JSON object: its members that are there whole, as an object. Null where it
 * is none. What is whole already is parsed as it is.
 */
export function parseJsonHead(text: string): Readonly<Record<string, unknown>> | null {
  const whole = parseObject(text);
  if (whole !== null) return whole;
  const end = lastMemberEnd(text);
  return end === null ? null : parseObject(`${text.slice(0, end)}}`);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    // Cut, or no JSON at all.
    return null;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where the last comma between two members of the outermost object is. */
function lastMemberEnd(text: string): number | null {
  let depth = 0;
  let isInString = false;
  let end: number | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (isInString) {
      if (char === "\\") at += 1;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") depth -= 1;
    else if (char === "," && depth === 1) end = at;
  }
  return end;
}
