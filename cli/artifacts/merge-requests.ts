import { dirname } from "node:path";
import { compareKeys } from "#main/stores/key-order.ts";
import type { PlacedRequest } from "./artifact-request.ts";
import { problemAt, uriOf } from "./artifact-request.ts";
import type { ParsedRequests } from "./parse-requests.ts";
import type { Problem } from "./problem.ts";

/** What a request needs of the disk: a file, a folder with others in it, or a folder for itself. */
type Claim = {
  readonly path: string;
  readonly kind: "file" | "folder" | "own-folder";
  readonly request: PlacedRequest;
  /** The key that names it. */
  readonly key: "destination" | "unpack.destination";
};

/**
 * The same URI, profile and destination become one request. Those that would write over one another
 * are a problem that names both.
 *
 * @param isCaseFolded `A` and `a` name one file there.
 */
export function mergeRequests(
  given: readonly PlacedRequest[],
  isCaseFolded: boolean,
): ParsedRequests {
  const fold = isCaseFolded
    ? (path: string) => path.normalize("NFC").toLowerCase()
    : (path: string) => path;
  const problems: Problem[] = [];
  const merged = new Map<string, PlacedRequest>();
  for (const request of given) {
    const id = JSON.stringify([request.profile, uriOf(request), fold(request.path)]);
    const before = merged.get(id);
    if (before === undefined) merged.set(id, request);
    else {
      const difference = differenceOf(before, request);
      if (difference === null) merged.set(id, { ...before, ...joined(before, request) });
      else problems.push(difference);
    }
  }
  const requests = [...merged.values()];
  return { requests, problems: [...problems, ...clashesOf(requests, fold)] };
}

/** What only one of them says, counts. */
function joined(a: PlacedRequest, b: PlacedRequest) {
  return { cache: a.cache ?? b.cache, unpack: a.unpack ?? b.unpack };
}

const OPTIONS = ["cache", "unpack", "include", "exclude"] as const;

function differenceOf(first: PlacedRequest, again: PlacedRequest): Problem | null {
  const key = OPTIONS.find((option) => isOther(first[option], again[option]));
  if (key === undefined) return null;
  const message = `${uriOf(again)} was asked for with another ${key} in ${whereOf(first)}`;
  return problemAt(again.at, key, message);
}

function isOther(a: PlacedRequest[(typeof OPTIONS)[number]], b: typeof a): boolean {
  if (a === null || b === null) return false;
  return JSON.stringify(inOrder(a)) !== JSON.stringify(inOrder(b));
}

/** The order of patterns means nothing. */
function inOrder(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return [...new Set(value.map(String))].toSorted(compareKeys);
}

function clashesOf(
  requests: readonly PlacedRequest[],
  fold: (path: string) => string,
): readonly Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, Claim>();
  const claims = requests.flatMap(claimsOf);
  for (const claim of claims) {
    const first = taken.get(fold(claim.path));
    if (first === undefined) taken.set(fold(claim.path), claim);
    else problems.push(problemOf(claim, first, `is ${wordOf(first)}`));
  }
  for (const claim of claims) {
    for (let path = dirname(claim.path); ; path = dirname(path)) {
      const around = taken.get(fold(path));
      if (around !== undefined && around.kind !== "folder") {
        problems.push(
          problemOf(claim, around, `lies in ${around.path}, which is ${wordOf(around)}`),
        );
      }
      if (path === dirname(path)) break;
    }
  }
  return problems;
}

function claimsOf(request: PlacedRequest): readonly Claim[] {
  const kind = request.kind === "object" ? "file" : "folder";
  const own: Claim = { path: request.path, kind, request, key: "destination" };
  if (request.unpack === null) return [own];
  const { folder: path } = request.unpack;
  return [own, { path, kind: "own-folder", request, key: "unpack.destination" }];
}

function wordOf({ kind, request }: Claim): string {
  const uri = uriOf(request);
  switch (kind) {
    case "file":
      return `the file of ${uri}`;
    case "folder":
      return `the folder of ${uri}`;
    case "own-folder":
      return `where ${uri} is unpacked`;
    default:
      return kind satisfies never;
  }
}

function problemOf({ request, key, path }: Claim, other: Claim, words: string): Problem {
  return problemAt(request.at, key, `${path} ${words} in ${whereOf(other.request, other.key)}`);
}

/** `a.yaml:3` */
function whereOf({ at }: PlacedRequest, key = "destination"): string {
  return `${at.file}:${at.lines[key.split(".")[0] ?? ""] ?? at.line}`;
}
