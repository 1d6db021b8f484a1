import { join } from "node:path";
import { parseArgs } from "node:util";

import { isBucketName } from "./catalog/buckets.ts";

export type Options = {
  readonly dir: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly keysFile: string;
  readonly buckets: readonly string[];
  readonly logFile: string | undefined;
  readonly exitWithParent: boolean;
  /** For a parent that cannot start programs; slower. */
  readonly isOneProcess: boolean;
  /** A fault script, for tests: a file with JSON as `shared/fault-script.ts` says. */
  readonly faultsFile: string | undefined;
  /** Where a rig changes the script at run time. */
  readonly faultSocket: string | undefined;
};

/** @throws {Error} with a sentence for the person who typed it. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: "string" },
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string", default: "0" },
      keys: { type: "string" },
      bucket: { type: "string", multiple: true, default: [] },
      log: { type: "string" },
      "exit-with-parent": { type: "boolean", default: false },
      "one-process": { type: "boolean", default: false },
      faults: { type: "string" },
      "fault-socket": { type: "string" },
    },
  });
  if (values.dir === undefined) throw new Error("Say where the objects go: --dir FOLDER.");
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port must be a number from 0 to 65535, not ${values.port}.`);
  }
  const refused = values.bucket.find((name) => !isBucketName(name));
  if (refused !== undefined) throw new Error(`${refused} cannot be the name of a bucket.`);
  const hasFaults = values.faults !== undefined || values["fault-socket"] !== undefined;
  return {
    dir: values.dir,
    host: values.host,
    port,
    keysFile: values.keys ?? join(values.dir, "keys.json"),
    buckets: values.bucket,
    logFile: values.log,
    exitWithParent: values["exit-with-parent"],
    // One process has one script and one count of what was asked.
    isOneProcess: values["one-process"] || hasFaults,
    faultsFile: values.faults,
    faultSocket: values["fault-socket"],
  };
}
