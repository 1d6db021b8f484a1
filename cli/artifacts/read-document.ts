import type { Document, YAMLError } from "yaml";
import { isAlias, isMap, isSeq, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { Problem } from "./problem.ts";

export type Path = readonly PropertyKey[];

/** A file's content, and where in it things are. */
export type ReadDocument = {
  readonly value: unknown;
  /** The line of the key or entry at a path; of what is around it, where it is not there. */
  readonly lineOf: (path: Path) => number;
  /** What is no YAML. */
  readonly problems: readonly Problem[];
};

/** Reads YAML, and JSON, which is YAML. */
export function readDocument(text: string, file: string): ReadDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = [...document.errors, ...document.warnings].map((error) =>
    toProblem(error, file, lines),
  );
  const lineOf = (path: Path) => lines.linePos(offsetOf(document, path)).line;
  try {
    return { value: problems.length > 0 ? null : document.toJS(), lineOf, problems };
  } catch (error) {
    // Aliases of aliases, which would become a giant.
    const message = error instanceof Error ? error.message : String(error);
    return { value: null, lineOf, problems: [{ file, line: 1, path: "", message }] };
  }
}

function toProblem({ pos, code, message }: YAMLError, file: string, lines: LineCounter): Problem {
  const line = Math.max(1, lines.linePos(pos[0]).line);
  const words = code === "MULTIPLE_DOCS" ? "there is more than one document in it" : message;
  return { file, line, path: "", message: words };
}

/** As far as the path leads: of what is missing, where it should be. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(key) === String(step));
      if (pair === undefined) return offset;
      offset = startOf(pair.key);
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (node === undefined) return offset;
      offset = startOf(node);
    } else return offset;
  }
  return offset;
}

/** Nodes have a range, all but those that were made by hand. */
const Ranged = z.object({ range: z.tuple([z.number()]).rest(z.number()) });

function startOf(node: unknown): number {
  return Ranged.safeParse(node).data?.range[0] ?? 0;
}
