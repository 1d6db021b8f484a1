import type { CallName } from "#shared/contract.ts";
import { callSchemas, isCallName } from "#shared/contract.ts";

/** For tests: what a page that was taken over may say to its host. */
export const CALL_NAMES: readonly CallName[] = Object.keys(callSchemas).filter(isCallName);

/** Names that are no calls. */
export const NO_CALLS: readonly unknown[] = [
  "__proto__",
  "constructor",
  "toString",
  "host.info ",
  "HOST.INFO",
  "",
  "a".repeat(100_000),
  7,
  null,
  ["host.info"],
  { name: "host.info" },
];

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let n = 0; n < depth; n += 1) value = { id: value };
  return value;
}

/** Inputs that no call takes. */
export const BAD_INPUTS: readonly unknown[] = [
  0,
  -1,
  2 ** 53 + 1,
  NaN,
  "x",
  true,
  [],
  [null],
  { id: "no uuid" },
  { id: null, path: {}, sources: "x", folder: 7, profileId: [] },
  JSON.parse('{"__proto__": {"isAdmin": true}, "constructor": {"prototype": {}}}'),
  { path: "a".repeat(1_000_000) },
  nested(1000),
];

/** Whether the contract itself takes it: then it is no bad input for this call. */
export function isTaken(name: CallName, input: unknown): boolean {
  return callSchemas[name].input.safeParse(input).success;
}

/** Calls that name a path, as a page would ask with it. */
export function callsWithPath(path: string): readonly (readonly [CallName, unknown])[] {
  const destination = { profileId: "lab", bucket: "lab", prefix: "stolen/" };
  const ref = { path };
  return [
    ["transfer.upload", { sources: [ref], destination }],
    ["transfer.download", { profileId: "lab", bucket: "lab", keys: ["evil"], folder: ref }],
    ["folder.list", { path }],
    ["folder.make", { parent: path, name: "made" }],
    ["folder.space", { folder: ref }],
    ["folder.measure", { sources: [ref] }],
  ];
}
