import { expect, it } from "vitest";
import { fakeHost } from "../host/fake-host.ts";
import { fakeEntry } from "./fake-entries.ts";
import { measureItems } from "./measure-items.ts";
import { itemOfPicked, itemOfRoot } from "./upload-plan.ts";
import { rootOfEntry } from "./walk-entries.ts";

const never = new AbortController().signal;

it("adds up what the page has and what the host has", async () => {
  const host = fakeHost({
    "folder.measure": () => ({ files: 3, folders: 1, sizeBytes: 1000, isCut: true }),
  });
  const items = [
    itemOfRoot(rootOfEntry(fakeEntry("tree", { a: "12", b: "345" }))),
    itemOfPicked({ ref: { path: "/data" }, path: "/data", kind: "folder" }),
  ];
  const sum = await measureItems(items, host.call, never, () => {});
  expect(sum).toEqual({ files: 5, sizeBytes: 1005, isCut: true });
});

it("tells how far it is with every page", async () => {
  const tree = Object.fromEntries(Array.from({ length: 1200 }, (_none, at) => [`f${at}`, "x"]));
  const told: number[] = [];
  const items = [itemOfRoot(rootOfEntry(fakeEntry("tree", tree)))];
  await measureItems(items, fakeHost({}).call, never, (soFar) => told.push(soFar.files));
  expect(told).toEqual([500, 1000, 1200]);
});
