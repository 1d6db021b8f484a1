import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Client } from "#shared/client.ts";
import type { Profile } from "#shared/profile.ts";
import { ProfileId } from "#shared/profile.ts";
import { MiB } from "./bytes/sizes.ts";
import { MemorySecrets } from "./profiles/fakes.ts";
import { EngineRig, isAtRest, untilView } from "./engine-rig.ts";

const BY_URL = ProfileId.parse("by-url");

let secrets: MemorySecrets;
let rig: EngineRig;
let client: Client;
beforeEach(async () => {
  secrets = new MemorySecrets();
  rig = await EngineRig.open();
  client = await rig.start({ secrets });
});
afterEach(() => rig.close());

async function notesOf(name: string, sizeBytes: number): Promise<readonly string[]> {
  const path = join(rig.folder, name);
  await writeFile(path, Buffer.alloc(sizeBytes, name));
  const destination = { profileId: BY_URL, bucket: "lab", prefix: "" };
  const request = { sources: [{ path }], destination, partSizeBytes: 5 * MiB };
  const { id } = await client.call("transfer.upload", request);
  expect((await untilView(client, id, isAtRest)).state.phase).toBe("done");
  const page = { id, offset: 0, limit: 1, phases: [] };
  const { items } = await client.call("transfer.items", page);
  return items[0]?.receipt?.notes ?? ["no receipt"];
}

/** The sandbox as any endpoint: as a practice store it would count without a probe. */
function byUrl() {
  const { endpoint: url, credentials } = rig.sandbox;
  const { accessKeyId, secretAccessKey } = credentials;
  const profile: Profile = {
    ...rig.profile(),
    id: BY_URL,
    name: "By URL",
    preset: "custom",
    endpoint: { kind: "url", url },
    credentials: { kind: "stored", accessKeyId },
  };
  return { profile, secret: { secretAccessKey } };
}

async function testWrite(tryWrite: boolean) {
  const steps = await client.call("profile.test", { ...byUrl(), tryWrite });
  return steps.find(({ step }) => step === "write");
}

it("an endpoint's writes count as atomic once a probe has shown it, and only if it was asked for", async () => {
  await client.call("profile.save", byUrl());
  expect(await notesOf("small.bin", 10)).toEqual([expect.stringMatching(/^not atomic/)]);
  expect(await notesOf("large.bin", 6 * MiB)).toEqual([expect.stringMatching(/^not atomic/)]);
  expect(await testWrite(false)).toMatchObject({ outcome: "skipped" });
  expect(await notesOf("still.bin", 10)).toHaveLength(1);

  expect(await testWrite(true)).toMatchObject({
    outcome: "passed",
    found: expect.stringContaining("conditions of writes are kept"),
  });
  expect(await notesOf("small-after.bin", 10)).toEqual([]);
  expect(await notesOf("large-after.bin", 6 * MiB)).toEqual([]);

  await rig.stop();
  client = await rig.start({ secrets });
  await client.call("profile.save", byUrl());
  expect(await notesOf("after-restart.bin", 10)).toEqual([]);
});
