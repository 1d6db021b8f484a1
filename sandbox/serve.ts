import { once } from "node:events";

import { openFaults } from "./faults/open-faults.ts";
import { openLog } from "./http/request-log.ts";
import { createS3Server } from "./http/server.ts";
import { readKeys } from "./keys-file.ts";
import { REGION } from "./protocol/region.ts";
import { parseOptions } from "./options.ts";
import { openStore } from "./sandbox-store.ts";

/** One serving process, to the port it listens on; it exits by itself when the primary goes. */
export async function runServer(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  const faults = await openFaults(options);
  const nowMs = () => Date.now() + (faults?.clockAheadMs ?? 0);
  const server = createS3Server({
    store: openStore(options.dir, Date.now),
    gate: { keys: readKeys(options.keysFile), region: REGION, nowMs },
    log: options.logFile === undefined ? undefined : openLog(options.logFile),
    ...(faults !== undefined && { faults }),
    reportFault: (error) => void process.stderr.write(`sandbox: ${describeFault(error)}\n`),
  });
  // Ctrl-C reaches every process of the group; the primary decides.
  process.on("SIGINT", () => undefined);
  server.listen(options.port, options.host);
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

function describeFault(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
