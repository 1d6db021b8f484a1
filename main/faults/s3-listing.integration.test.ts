import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TransferView } from "#shared/transfer.ts";
import { FaultRig, sha256Of } from "./fault-rig.ts";

let rig: FaultRig;
const objects = new Map<string, string>();

beforeAll(async () => {
  rig = await FaultRig.open();
  for (let n = 0; n < 10; n += 1) {
    const bytes = rig.bytes(100);
    objects.set(`tree/${n % 3}/${n}.bin`, sha256Of(bytes));
    await rig.put(`tree/${n % 3}/${n}.bin`, bytes);
  }
}, 60_000);

afterAll(async () => {
  await rig.close();
});

async function fetchTree(): Promise<{ view: TransferView; folder: string }> {
  const { id, path: folder } = await rig.download("tree/", { contentsOnly: true });
  return { view: await rig.rest(id), folder };
}

async function expectTree(): Promise<void> {
  const { view, folder } = await fetchTree();
  expect(view).toMatchObject({ state: { phase: "done" }, doneItemCount: 10 });
  for (const [key, sha256] of objects) {
    expect(await rig.fileSha256(join(folder, key.replace("tree/", "")))).toBe(sha256);
  }
}

it("S37 version 2 of listing is answered as version 1: every page is found", async () => {
  await rig.script({ quirks: { listV1Only: true, mostKeys: 3 } });
  await expectTree();
});

it("S37 version 2 of listing is refused: the first version is asked instead", async () => {
  await rig.script({
    quirks: { mostKeys: 3 },
    rules: [
      {
        on: { op: "ListObjectsV2" },
        times: null,
        fault: { kind: "answer", status: 501, code: "NotImplemented" },
      },
    ],
  });
  await expectTree();
  expect(rig.count({ op: "ListObjectsV2" })).toBe(1);
  expect(rig.count({ op: "ListObjects" })).toBe(4);
  expect(rig.errors()).toEqual([]);
});

const PAGE = `<ListBucketResult><IsTruncated>true</IsTruncated><KeyCount>1</KeyCount>
  <NextContinuationToken>again</NextContinuationToken>
  <Contents><Key>tree/0/0.bin</Key><Size>100</Size><ETag>"e"</ETag></Contents></ListBucketResult>`;

it("S37 listing whose token repeats: ends soon and says so, in place of going round for ever", async () => {
  await rig.script({
    on: { op: "ListObjectsV2" },
    times: null,
    fault: { kind: "answer", status: 200, text: PAGE },
  });
  const { view } = await fetchTree();
  expect(view).toMatchObject({ state: { phase: "failed", error: { code: "protocol" } } });
  expect(rig.count({ op: "ListObjectsV2" })).toBe(5);
});

it("S37 token that the server does not take any more: fails with its words", async () => {
  await rig.script({
    quirks: { mostKeys: 3 },
    rules: [
      {
        on: { op: "ListObjectsV2" },
        skip: 1,
        times: null,
        fault: { kind: "answer", status: 400, code: "InvalidArgument" },
      },
    ],
  });
  expect((await fetchTree()).view).toMatchObject({
    state: { phase: "failed", error: { details: { cause: "InvalidArgument" } } },
  });
  expect(rig.count({ op: "ListObjectsV2" })).toBe(2);
});

it("S37 listing that is cut in the middle: is asked again, and nothing is left out", async () => {
  await rig.script({ on: { op: "ListObjectsV2" }, fault: { kind: "truncate", keepBytes: 900 } });
  await expectTree();
  expect(rig.errors()).toEqual(["protocol"]);
});
