import { parseArgs } from "node:util";
import { CASE_NAMES, FULL_SIZES } from "./cases.ts";
import type { CaseName } from "./cases.ts";
import type { PeersOptions } from "./bench-peers.ts";

/**
 * `npm run bench -- peers [--case NAME…] [--endpoint URL] [--bucket NAME] [--runs N]
 * [--connections N] [--sweep connections=1,2,4] [--part-size MiB] [--only CLIENT…] [--small] [--json FILE]`.
 * The keys of an endpoint come from the variables of the AWS tools.
 *
 * @throws {Error} for words that mean nothing here.
 */
export function parsePeersOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): PeersOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: "string", multiple: true, default: [...CASE_NAMES] },
      endpoint: { type: "string" },
      bucket: { type: "string", default: "longhaul-bench" },
      runs: { type: "string", default: "3" },
      connections: { type: "string", default: "16" },
      sweep: { type: "string" },
      "part-size": { type: "string", default: "16" },
      only: { type: "string", multiple: true, default: [] },
      small: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  const counts = { smallCount: 200, keyCount: 2000, sameCount: 200 };
  const small = { largeBytes: 64 * 1024 ** 2, smallBytes: 16_384, ...counts };
  return {
    server: values.endpoint === undefined ? null : serverAt(values.endpoint, environment),
    bucket: values.bucket,
    cases: values.case.map(toCaseName),
    runs: toCount(values.runs),
    connections: values.sweep === undefined ? [toCount(values.connections)] : toSweep(values.sweep),
    partMib: toCount(values["part-size"]),
    sizes: values.small ? small : FULL_SIZES,
    only: values.only,
    jsonPath: values.json ?? null,
  };
}

function serverAt(
  endpoint: string,
  environment: Readonly<Record<string, string | undefined>>,
): NonNullable<PeersOptions["server"]> {
  const accessKeyId = environment["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = environment["AWS_SECRET_ACCESS_KEY"];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY say who asks the endpoint.");
  }
  const region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "us-east-1";
  return { endpoint: new URL(endpoint).origin, region, accessKeyId, secretAccessKey };
}

function toCaseName(name: string): CaseName {
  const known = CASE_NAMES.find((each) => each === name);
  if (known === undefined)
    throw new Error(`${name} is no case; there are ${CASE_NAMES.join(", ")}.`);
  return known;
}

function toSweep(text: string): number[] {
  const [what, values] = text.split("=");
  if (what !== "connections" || values === undefined) {
    throw new Error(`${text} is no sweep; write connections=1,2,4.`);
  }
  return values.split(",").map(toCount);
}

function toCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${text} is no whole number above 0.`);
  return count;
}
