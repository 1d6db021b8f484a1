import { resolve } from "node:path";
import { parseAddress } from "../uri.ts";
import type { PlacedRequest, RequestPlace } from "./artifact-request.ts";
import { problemAt } from "./artifact-request.ts";
import type { AskedObject, AskedPrefix, CheckedFile, Defaults, Fault } from "./check-file.ts";
import { checkFile } from "./check-file.ts";
import { fileFor } from "./file-for.ts";
import type { Problem } from "./problem.ts";
import type { Path, ReadDocument } from "./read-document.ts";

export type ParsedRequests = {
  readonly requests: readonly PlacedRequest[];
  /** All that is wrong, in the order of the lines. */
  readonly problems: readonly Problem[];
};

/** @param file As people call it. @param workingFolder What relative destinations start from. */
export async function parseRequests(
  text: string,
  file: string,
  workingFolder: string,
): Promise<ParsedRequests> {
  // Its parser is loaded for this alone: it would hold up every other command.
  const { readDocument } = await import("./read-document.ts");
  const document = readDocument(text, file);
  if (document.problems.length > 0) return { requests: [], problems: document.problems };
  const checked = checkFile(document.value);
  const problems = checked.faults.map((fault) => toProblem(fault, file, document));
  const requests: PlacedRequest[] = [];
  for (const made of makeAll(checked, file, document, workingFolder)) {
    if ("message" in made) problems.push(made);
    else requests.push(made);
  }
  return { requests, problems: problems.toSorted((a, b) => a.line - b.line) };
}

function* makeAll(
  { asked, defaults }: CheckedFile,
  file: string,
  document: ReadDocument,
  workingFolder: string,
): Generator<PlacedRequest | Problem> {
  for (const [index, request] of asked) {
    const lineOf = (...inside: readonly string[]) =>
      document.lineOf(["requests", index, ...inside]);
    const lines = Object.fromEntries(Object.keys(request).map((key) => [key, lineOf(key)]));
    const place: RequestPlace = { file, index, line: lineOf(), lines };
    yield makeRequest(request, defaults, place, workingFolder);
  }
}

function toProblem({ path, message }: Fault, file: string, { lineOf }: ReadDocument): Problem {
  return { file, line: lineOf(path), path: showPath(path), message };
}

/** `requests[2].destination` */
function showPath(path: Path): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("")
    .replace(/^\./, "");
}

function makeRequest(
  asked: AskedObject | AskedPrefix,
  defaults: Defaults,
  at: RequestPlace,
  workingFolder: string,
): PlacedRequest | Problem {
  const common = {
    profile: asked.profile ?? defaults.profile ?? null,
    cache: asked.cache ?? defaults.cache ?? null,
    unpack: null,
    include: [],
    exclude: [],
    at,
  };
  if ("prefix" in asked) {
    const { include = [], exclude = [] } = asked;
    const path = resolve(workingFolder, asked.destination);
    return { ...common, kind: "prefix", ...placeOf(asked.prefix), path, include, exclude };
  }
  const place = placeOf(asked.object);
  const path = fileFor(place.key, asked.destination, workingFolder);
  if (path === null) return problemAt(at, "destination", "the key gives the file no name");
  const { unpack } = asked;
  const unpacked = unpack && {
    folder: resolve(workingFolder, unpack.destination),
    method: unpack.method ?? "auto",
  };
  return { ...common, kind: "object", ...place, path, unpack: unpacked ?? null };
}

/** The schema has seen to it that it is one. */
function placeOf(uri: string): { readonly bucket: string; readonly key: string } {
  const address = parseAddress(uri);
  if (address.kind !== "s3") throw new Error(`${uri} is no s3:// URI`);
  return { bucket: address.bucket, key: address.key };
}
