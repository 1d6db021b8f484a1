import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { fetchItem } from "./fetch-item.ts";
import { RealRig } from "./real-rig.ts";
import { sendItem } from "./send-item.ts";
import { StoreProxy } from "./store-proxy.ts";
import type { Headers, StoreHabits } from "./store-proxy.ts";

const never = new AbortController().signal;
/** One that goes whole, one that goes in parts. */
const SIZES = [1000, 6 * MiB];

let rig: RealRig;
let proxy: StoreProxy;

/** The sandbox store as another provider's. */
async function open(habits: Partial<StoreHabits> = {}): Promise<void> {
  rig = await RealRig.open(async (endpoint) => {
    proxy = await StoreProxy.open(endpoint, habits);
    return proxy.endpoint;
  });
  rig.random = () => 0;
}

afterEach(async () => {
  await rig.close();
  await proxy.close();
});

const send = async (key: string, bytes: Buffer) => {
  const item = { ...(await rig.source(key, bytes)), partSizeBytes: 5 * MiB };
  return await sendItem(item, rig.sendJournal, rig.tools, never);
};

async function fetch(key: string, bytes: Buffer) {
  const target = await rig.target(key, never);
  const receipt = await fetchItem(target, rig.fetchJournal, rig.tools, never);
  expect(readFileSync(target.path).equals(bytes)).toBe(true);
  return receipt;
}

/** There and back, each size; the rungs of both ways. */
async function thereAndBack() {
  const rungs = [];
  for (const sizeBytes of SIZES) {
    const bytes = randomBytes(sizeBytes);
    const up = await send(`k${sizeBytes}`, bytes);
    const down = await fetch(`k${sizeBytes}`, bytes);
    rungs.push([up.rung, down.rung]);
  }
  return rungs;
}

const hasChecksum = (headers: object) =>
  Object.keys(headers).some((name) => name.startsWith("x-amz-checksum-"));

it("S21 checksum headers are refused: the same request goes without, and proof is the MD5", async () => {
  await open({ refuse: (_method, headers) => (hasChecksum(headers) ? "InvalidRequest" : null) });
  expect(await thereAndBack()).toEqual([
    ["signed-sha256", "md5-etag"],
    ["signed-sha256", "md5-etag"],
  ]);
  // Learned at the first refusal, not with every request.
  expect(proxy.seen.filter(({ headers }) => hasChecksum(headers)).length).toBeLessThan(4);
});

describe("a strict server", () => {
  const isStreamed = (headers: Headers) =>
    /STREAMING|UNSIGNED/u.test(String(headers["x-amz-content-sha256"])) ||
    headers["transfer-encoding"] !== undefined;

  const isLacking = (method: string, headers: Headers) =>
    method === "PUT" && !hasChecksum(headers) && headers["content-md5"] === undefined;
  const rows: readonly [title: string, habits: Partial<StoreHabits>][] = [
    [
      "S23 aws-chunked and trailers are unsupported: none is sent",
      { refuse: (_method, headers) => (isStreamed(headers) ? "NotImplemented" : null) },
    ],
    [
      "S35 Object Lock bucket needs a checksum on PUT: every body has one",
      { refuse: (method, headers) => (isLacking(method, headers) ? "InvalidRequest" : null) },
    ],
  ];

  it.each(rows)("%s", async (_, habits) => {
    await open(habits);
    expect(await thereAndBack()).toEqual([
      ["part-sha256", "part-sha256"],
      ["part-sha256", "part-sha256"],
    ]);
  });

  it("S22 a signature carries no CRC of an empty body: each body is under its own SHA-256", async () => {
    await open();
    await thereAndBack();
    for (const { headers } of proxy.seen) {
      const names = Object.keys(headers).join(" ");
      expect(names).not.toMatch(/checksum-crc|x-amz-sdk-checksum|x-amz-trailer|x-amz-decoded/u);
      expect(headers["content-encoding"]).toBeUndefined();
      expect(headers["x-amz-content-sha256"]).toMatch(/^[0-9a-f]{64}$/u);
    }
    const puts = proxy.seen.filter(({ method }) => method === "PUT");
    expect(puts).toHaveLength(3);
    for (const { headers } of puts) {
      const signed = Buffer.from(String(headers["x-amz-content-sha256"]), "hex");
      expect(headers["x-amz-checksum-sha256"]).toBe(signed.toString("base64"));
      expect(Number(headers["content-length"])).toBeGreaterThan(0);
    }
  });
});

describe("S24 BadDigest", () => {
  it("once: the bytes are read again and sent again", async () => {
    await open();
    const bytes = randomBytes(1000);
    proxy.damage("k", "up", 0.5);
    expect(await send("k", bytes)).toMatchObject({ movedTwiceBytes: 1000 });
    expect(await fetch("k", bytes)).toMatchObject({ rung: "part-sha256" });
  });

  it("always: it stops after the second, and nothing is under the key", async () => {
    await open({ refuse: (method) => (method === "PUT" ? "BadDigest" : null) });
    await expect(send("k", randomBytes(1000))).rejects.toMatchObject({ code: "corrupt" });
    expect(proxy.seen.filter(({ method }) => method === "PUT")).toHaveLength(2);
    await expect(rig.store.stat("k", never)).rejects.toMatchObject({ code: "object-missing" });
  });
});

it("S40 bucket is versioned: the receipt of an upload names the version", async () => {
  await open({ added: { "x-amz-version-id": "v7" } });
  const bytes = randomBytes(1000);
  expect(await send("k", bytes)).toMatchObject({ versionId: "v7" });
  expect((await send("parts", randomBytes(6 * MiB))).versionId).toBe("v7");
});
