import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../flow/clock.ts";
import { fixedCredentials } from "../../profiles/credentials.ts";
import { startSandbox } from "../../profiles/sandbox-process.ts";
import { describeStore } from "../store-suite.ts";
import { createS3Store } from "./s3-store.ts";

describeStore("S3Store on the sandbox", async () => {
  const folder = await mkdtemp(join(tmpdir(), "longhaul-sandbox-"));
  const sandbox = await startSandbox(
    { dir: join(folder, "store"), keysFile: join(folder, "keys.json"), buckets: ["suite"] },
    new AbortController().signal,
  );
  const store = createS3Store({
    endpoint: new URL(sandbox.endpoint),
    region: sandbox.region,
    addressing: "auto",
    bucket: "suite",
    credentials: fixedCredentials(sandbox.credentials),
    clock: systemClock,
    isConditionHonoured: true,
  });
  const close = async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 9 });
  };
  return { store, keepsSha256: true, close };
});
