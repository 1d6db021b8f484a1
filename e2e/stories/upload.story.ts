import { join } from "node:path";
import { digestFile, digestTree, makeFile, MIB } from "../rig/files.ts";
import { Reader } from "../rig/reader.ts";
import { BUCKET, expect, test } from "../rig/story.ts";
import { makeTree } from "../rig/trees.ts";

test("a file and a folder of 300 chosen on this machine arrive in the bucket @keyboard", async ({
  win,
  store,
}) => {
  const { folder } = win.host;
  await makeFile(join(folder, "whisper-large-v3.bin"), 64 * MIB, 40);
  await makeTree(join(folder, "corpus"), 300);
  await win.host.addProfile("Lab", store, 8);
  await win.open();
  await win.chooseHostFiles(["corpus", "whisper-large-v3.bin"]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET, prefix: "in/" });
  await win.sheet.start();
  await win.transfers.isDone("corpus and 1 more");
  const reader = new Reader(store.endpoint, BUCKET, store.keys);
  const whisper = join(folder, "whisper-large-v3.bin");
  expect(await reader.digest("in/whisper-large-v3.bin")).toBe(await digestFile(whisper));
  expect(await reader.digests("in/corpus/")).toEqual(await digestTree(join(folder, "corpus")));
});
