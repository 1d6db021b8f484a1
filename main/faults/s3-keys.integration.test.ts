import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FaultRig } from "./fault-rig.ts";
import { keysUnder, lab } from "./lab-bucket.ts";

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open();
}, 60_000);

afterAll(async () => {
  await rig.close();
});

/** Sixty names that servers, proxies and clients get wrong; none ends in a slash. */
const ZOO: readonly string[] = [
  ["/a", "//a", "///a", "/a/b", "a/b", "a//b", "a///b", "a/b//c", "//a//b"],
  [".", "..", "./a", "../a", "a/./b", "a/../b", "a/..", "a/.", "a/...", "..a", "../../etc/x"],
  [" ", " a", "a ", "a b", "a  b", "a/ /b", "a\tb", "a\nb", "a\r\nb"],
  ["a\u0001b", "a\u0007", "\u001f", "a\u007fb", "a\u0085b", "a\ufffeb", "a\uffffb"],
  ["a+b", "a%b", "a%2Fb", "a%2fb", "%00", "a%zz", "a?b", "a#b", "a&b=c", "a;b", "a:b", "a\\b"],
  ["<a>", "a&amp;b", '"a"', "'a'", "]]>", "a*b|c", "$(a)", "~a", "!'()*", "@a,b"],
  ["é", "e\u0301", "日本語/模型.bin", "😀", "👩‍👩‍👧", "\u200f\u05d0", "İi̇", "ﬀ"],
  ["CON", "nul.txt", "a.", "-rf", `${"k".repeat(500)}/${"é".repeat(200)}/${"z".repeat(122)}`],
].flat();

/** The last slash parts what is the prefix of an upload from what is its name. */
async function upload(key: string): Promise<{ sha256: string }> {
  const cut = key.lastIndexOf("/") + 1;
  const { path, sha256 } = await rig.file(100);
  const { id } = await rig.client.call("transfer.upload", {
    sources: [{ path }],
    destination: { ...lab, prefix: key.slice(0, cut) },
    rename: key.slice(cut),
  });
  const { state } = await rig.rest(id);
  expect({ key, phase: state.phase }).toEqual({ key, phase: "done" });
  return { sha256 };
}

/** SHA-256 of the file that a key comes back as. */
async function fetched(key: string): Promise<string> {
  const folder = await mkdtemp(join(rig.folder, "back-"));
  const { id } = await rig.client.call("transfer.download", {
    ...lab,
    keys: [key],
    folder: { path: folder },
    rename: "back.bin",
  });
  const { state } = await rig.rest(id);
  expect({ key, phase: state.phase }).toEqual({ key, phase: "done" });
  return await rig.fileSha256(join(folder, "back.bin"));
}

it("S36 keys of every kind: each goes up under the very bytes of its name, and comes back", async () => {
  expect(new Set(ZOO).size).toBeGreaterThanOrEqual(60);
  await rig.script();
  const settings = await rig.client.call("settings.get", null);
  await rig.client.call("settings.set", { ...settings, maxUploads: 20, maxDownloads: 20 });
  const sent = await Promise.all(ZOO.map(upload));
  const back = await Promise.all(ZOO.map(fetched));
  expect(back).toEqual(sent.map(({ sha256 }) => sha256));
  expect((await keysUnder(rig, "")).toSorted()).toEqual([...ZOO].toSorted());
});

it("S36 keys of every kind: a listing has each of them once, folder by folder, in pages of three", async () => {
  await rig.script({ quirks: { mostKeys: 3 } });
  expect((await allKeys("")).toSorted()).toEqual([...ZOO].toSorted());
});

it("S36 key beyond 1,024 bytes: is refused before anything is asked", async () => {
  await rig.script();
  const { path } = await rig.file(100);
  const { id } = await rig.client.call("transfer.upload", {
    sources: [{ path }],
    destination: { ...lab, prefix: "" },
    rename: "é".repeat(513),
  });
  expect(await rig.rest(id)).toMatchObject({
    state: { phase: "failed", error: { code: "invalid" } },
  });
  expect(rig.requests()).toEqual([]);
});

async function allKeys(prefix: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const asked: { prefix: string; cursor: string | null } = { prefix, cursor };
    const page = await rig.client.call("library.list", { ...lab, ...asked });
    found.push(...page.objects.map(({ key }) => key));
    for (const inner of page.prefixes) found.push(...(await allKeys(inner)));
    cursor = page.cursor;
  } while (cursor !== null);
  return found;
}
