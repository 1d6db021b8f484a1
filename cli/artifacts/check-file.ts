import { z } from "zod";
import { ArtifactFile, ObjectRequest, PrefixRequest, Unpack } from "#shared/artifacts.ts";
import { nearestWord } from "./nearest-word.ts";
import type { Path } from "./read-document.ts";

/** Something that is not as the schema has it. */
export type Fault = { readonly path: Path; readonly message: string };

export type AskedObject = z.infer<typeof ObjectRequest>;
export type AskedPrefix = z.infer<typeof PrefixRequest>;
export type Defaults = NonNullable<z.infer<typeof ArtifactFile>["defaults"]>;

export type CheckedFile = {
  readonly defaults: Defaults;
  /** By their place in the list; faulty ones are left out. */
  readonly asked: ReadonlyMap<number, AskedObject | AskedPrefix>;
  /** All of them, in no order. */
  readonly faults: readonly Fault[];
};

/** The file around its requests, each of which is looked at for itself. */
const Frame = ArtifactFile.extend({ requests: z.array(z.unknown()).min(1) });

export function checkFile(value: unknown): CheckedFile {
  if (value === null) {
    return {
      defaults: {},
      asked: new Map(),
      faults: [{ path: [], message: "there is nothing in it" }],
    };
  }
  const frame = check(Frame, value, []);
  const faults = [...frame.faults];
  const asked = new Map<number, AskedObject | AskedPrefix>();
  for (const [index, request] of requestsOf(value).entries()) {
    const checked = checkRequest(request, ["requests", index]);
    faults.push(...checked.faults);
    if (checked.value !== undefined) asked.set(index, checked.value);
  }
  return { defaults: frame.value?.defaults ?? {}, asked, faults };
}

/** Also where the rest of the file is faulty: all faults are told at once. */
function requestsOf(value: unknown): readonly unknown[] {
  const given = z.object({ requests: z.array(z.unknown()) }).safeParse(value);
  return given.data?.requests ?? [];
}

type Checked<T> = { readonly value: T | undefined; readonly faults: readonly Fault[] };

function checkRequest(request: unknown, path: Path): Checked<AskedObject | AskedPrefix> {
  const map = z.record(z.string(), z.unknown()).safeParse(request);
  if (!map.success) return fault(path, "is no map with an object or a prefix, and a destination");
  const isObject = Object.hasOwn(map.data, "object");
  const isPrefix = Object.hasOwn(map.data, "prefix");
  if (isObject && isPrefix) return fault(path, "names an object and a prefix; it is one of them");
  if (isObject) return check(ObjectRequest, request, path);
  if (isPrefix) return check(PrefixRequest, request, path);
  const all = { ...PrefixRequest.shape, ...ObjectRequest.shape };
  const { faults } = check(z.strictObject(all).partial(), request, path);
  const unnamed = { path, message: "names no object and no prefix" };
  return { value: undefined, faults: [unnamed, ...faults] };
}

function fault(path: Path, message: string): Checked<never> {
  return { value: undefined, faults: [{ path, message }] };
}

function check<T>(schema: z.ZodType<T>, value: unknown, at: Path): Checked<T> {
  const parsed = schema.safeParse(value, { error: wordsOf });
  if (parsed.success) return { value: parsed.data, faults: [] };
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, at));
  return { value: undefined, faults };
}

function faultsOf(issue: z.core.$ZodIssue, at: Path): readonly Fault[] {
  const path = [...at, ...issue.path];
  if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key], message: strangeKey(key, path) }));
}

/** In words of the file, where the schema itself has none. */
function wordsOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_value") return `is one of ${issue.values.join(", ")}`;
  if (issue.code === "too_small") return issue.origin === "array" ? "has no entry" : "is empty";
  if (issue.code !== "invalid_type") return undefined;
  const given = typeName(issue.input);
  if (given === "nothing") return "is missing";
  return `is ${given}; it has to be ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  object: "a map",
  string: "text, in quotes if need be",
};

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return TYPE_NAMES[typeof value] ?? typeof value;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  boolean: "true or false",
  number: "a number",
  object: "a map",
  string: "text",
};

function strangeKey(key: string, path: Path): string {
  const known = knownAt(path);
  const isRequest = path[0] === "requests" && path.length === 2;
  if (isRequest && key in ObjectRequest.shape) return "is for an object, not for a prefix";
  if (isRequest && key in PrefixRequest.shape) return "is for a prefix, not for an object";
  const nearest = nearestWord(key, known);
  const hint = nearest === null ? `known are ${known.join(", ")}` : `is ${nearest} meant?`;
  return `is no known key; ${hint}`;
}

function knownAt(path: Path): readonly string[] {
  if (path.at(-1) === "unpack") return Object.keys(Unpack.shape);
  if (path.at(-1) === "defaults") return Object.keys(Frame.shape.defaults.unwrap().shape);
  if (path.length === 0) return Object.keys(Frame.shape).filter((key) => key !== "$schema");
  return Object.keys({ ...ObjectRequest.shape, ...PrefixRequest.shape });
}
