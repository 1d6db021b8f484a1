import { PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../flow/clock.ts";
import { fixedCredentials } from "../../profiles/credentials.ts";
import type { SandboxProcess } from "../../profiles/sandbox-process.ts";
import { startSandbox } from "../../profiles/sandbox-process.ts";
import { nextBytes, StoreMover } from "../store-mover.ts";
import { openScriptedServer, storeOn, xmlAnswer } from "./scripted-server.ts";

const never = new AbortController().signal;

let folder = "";
let sandbox: SandboxProcess;
const mover = new StoreMover();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-versions-"));
  const keysFile = join(folder, "keys.json");
  const dir = join(folder, "store");
  const options = { dir, keysFile, buckets: ["models"], isOneProcess: true };
  sandbox = await startSandbox(options, never);
  const { endpoint, region, credentials } = sandbox;
  const { accessKeyId, secretAccessKey } = credentials;
  const keys = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: keys });
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket: "models", VersioningConfiguration }));
  client.destroy();
  const store = storeOn(
    { endpoint: new URL(endpoint) },
    { credentials: fixedCredentials(credentials), clock: systemClock },
  );
  await mover.open(store);
});

afterAll(async () => {
  await mover.close();
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

describe("S40 a versioned bucket", () => {
  it("says which version was stored, and gives back the one that is pinned", async () => {
    const [old, young] = [nextBytes(50), nextBytes(60)];
    const { versionId } = await mover.put("k", old);
    const pinned = await mover.store.stat("k", never);
    expect(pinned.versionId).toBe(versionId);
    await mover.put("k", young);
    expect(await mover.get(pinned)).toEqual(old);
    const again = await mover.store.stat("k", never, versionId ?? "");
    expect(again).toMatchObject({ versionId, sizeBytes: 50 });
    await expect(mover.store.stat("k", never, "none")).rejects.toMatchObject({
      code: "object-missing",
    });
  });

  it("lists every version page by page, a deletion among them", async () => {
    for (const size of [1, 2, 3]) await mover.put("list/ä b", nextBytes(size));
    await mover.store.remove("list/ä b", never);
    const found: unknown[] = [];
    let cursor: string | null = null;
    do {
      const query = { prefix: "list/", cursor, limit: 2 };
      const page = await mover.store.listVersions(query, never);
      found.push(
        ...page.versions.map(({ key, sizeBytes, isLatest, isDeletion }) => [
          key,
          isDeletion ? "deleted" : sizeBytes,
          isLatest,
        ]),
      );
      ({ cursor } = page);
    } while (cursor !== null);
    const key = "list/ä b";
    expect(found).toEqual([
      [key, "deleted", true],
      [key, 3, false],
      [key, 2, false],
      [key, 1, false],
    ]);
  });
});

it("refuses a listing of versions that goes round in circles", async () => {
  const server = await openScriptedServer(() =>
    xmlAnswer(
      "<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker></ListVersionsResult>",
    ),
  );
  try {
    const store = storeOn(server);
    const first = await store.listVersions({ prefix: "", cursor: null, limit: 9 }, never);
    const next = store.listVersions({ prefix: "", cursor: first.cursor, limit: 9 }, never);
    await expect(next).rejects.toMatchObject({ code: "protocol" });
    const broken = store.listVersions({ prefix: "", cursor: "x", limit: 9 }, never);
    await expect(broken).rejects.toMatchObject({ code: "invalid" });
  } finally {
    await server.close();
  }
});
