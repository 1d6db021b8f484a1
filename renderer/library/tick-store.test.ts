import { expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import { fakeHost } from "../host/fake-host.ts";
import type { LibraryRow } from "./library-rows.ts";
import { renewTicks, tickIn, tickInto, tickRows, useTickStore } from "./tick-store.ts";

const at = { profileId: ProfileId.parse("p"), bucket: "data" };

function prefixRow(key: string): LibraryRow {
  return { kind: "prefix", key, name: key };
}

function countingHost() {
  const asked: string[] = [];
  const host = fakeHost({
    "library.measure": ({ prefixes }) => {
      asked.push(...prefixes);
      return { objectCount: 2, sizeBytes: 20, hereCount: 0, hereBytes: 0, isCut: false };
    },
  });
  return { asked, client: { call: host.call, onEvent: () => () => {} } };
}

async function settle() {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

it("counts each ticked prefix once, and remembers", async () => {
  const { asked, client } = countingHost();
  const place = { ...at, bucket: "first", prefix: "not part of the call/" };
  tickIn(place);
  tickRows(client, [prefixRow("a/"), prefixRow("b/")], true);
  await settle();
  tickRows(client, [prefixRow("a/")], false);
  tickRows(client, [prefixRow("a/")], true);
  await settle();
  expect(asked).toEqual(["a/", "b/"]);
  expect(useTickStore.getState().measures.get("a/")).toMatchObject({ sizeBytes: 20 });
});

it("does not count what is no longer ticked", async () => {
  const { asked, client } = countingHost();
  tickIn({ ...at, bucket: "second" });
  tickRows(client, [prefixRow("a/"), prefixRow("b/")], true);
  tickRows(client, [prefixRow("b/")], false);
  await settle();
  expect(asked).toEqual(["a/"]);
});

it("keeps ticks while the bucket stays, and drops them with it", () => {
  const { client } = countingHost();
  tickIn(at);
  tickRows(
    client,
    [{ kind: "object", key: "k", name: "k", sizeBytes: 1, modifiedAtMs: 0, etag: "e" }],
    true,
  );
  tickIn({ ...at });
  expect(useTickStore.getState().ticks.size).toBe(1);
  tickIn({ ...at, bucket: "other" });
  expect(useTickStore.getState().ticks.size).toBe(0);
});

it("finds out what is in the folder of ticked objects, and again where the folder is another", async () => {
  const folders: unknown[] = [];
  const host = fakeHost({
    "library.measure": ({ objects, folder, keptFolders }) => {
      folders.push([objects.length, folder, keptFolders]);
      const hereBytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      return { objectCount: 0, sizeBytes: 0, hereCount: 0, hereBytes, isCut: false };
    },
  });
  const client = { call: host.call, onEvent: () => () => {} };
  const rows = ["m/a", "m/b"].map((key): LibraryRow => {
    const facts = { name: key, sizeBytes: 5, modifiedAtMs: 0, etag: "e", keptFolder: "m/" };
    return { kind: "object", key, ...facts };
  });
  tickIn({ ...at, bucket: "measured" });
  tickInto(client, { path: "/one" });
  tickRows(client, rows, true);
  await settle();
  const { objects, ticks } = useTickStore.getState();
  expect(objects).toEqual({ ticks, hereBytes: 10 });
  tickInto(client, { path: "/one" });
  tickInto(client, { path: "/two" });
  await settle();
  expect(folders).toEqual([
    [2, { path: "/one" }, ["m/"]],
    [2, { path: "/two" }, ["m/"]],
  ]);
});

it("takes a ticked object for what it is when it is listed again, and ticks no other", async () => {
  const { client } = countingHost();
  const row = (key: string, sizeBytes: number) => {
    const facts = { sizeBytes, modifiedAtMs: 0, etag: `e${sizeBytes}` };
    return { kind: "object" as const, key, name: key, ...facts };
  };
  tickIn({ ...at, bucket: "renewed" });
  const first = { ...row("a", 1), keptFolder: "ticked/" };
  tickRows(client, [first, row("b", 2), prefixRow("p/")], true);
  const before = useTickStore.getState().ticks;
  renewTicks(client, [row("a", 1), prefixRow("p/"), row("c", 3)]);
  expect(useTickStore.getState().ticks).toBe(before);
  renewTicks(client, [{ ...row("a", 10), keptFolder: "listed/" }, row("c", 3)]);
  await settle();
  const { ticks } = useTickStore.getState();
  expect([...ticks.keys()]).toEqual(["a", "b", "p/"]);
  expect(ticks.get("a")).toEqual({ ...row("a", 10), keptFolder: "ticked/" });
});
