import { expect, it } from "vitest";
import type { ItemView } from "#shared/transfer.ts";
import { LonghaulError } from "#shared/errors.ts";
import { TransferId } from "#shared/transfer.ts";
import { fakeEntry, lockedFolder } from "./fake-entries.ts";
import { fakeHost } from "../host/fake-host.ts";
import { matchDrop } from "./match-drop.ts";
import { rootOfEntry } from "./walk-entries.ts";

const id = TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d");
const never = new AbortController().signal;
const roots = [rootOfEntry(fakeEntry("tree", { done: "1", half: "22", added: "333" }))];

function portOf({ call }: ReturnType<typeof fakeHost>, isPacked = false) {
  return { call, isPacked: () => isPacked };
}

function itemOf(name: string, sizeBytes: number): ItemView {
  const nothing = { error: null, note: null, receipt: null };
  return { index: 0, name, sizeBytes, doneBytes: 0, phase: "moving", ...nothing };
}

it("hands a drop that nobody waits for back as it is", async () => {
  const host = fakeHost({ "drop.match": () => [] });
  const matched = await matchDrop(roots, portOf(host), never);
  expect(matched).toEqual({ arrivals: [], ids: new Set(), fresh: roots, unreadable: [] });
});

it("continues what is unfinished, leaves what has arrived, and keeps what is new", async () => {
  const host = fakeHost({
    "drop.match": ({ files }) => {
      const index = files.findIndex((file) => file.name === "tree/half");
      return [{ index, id, ticket: { ticket: "t", offsetBytes: 1 } }];
    },
    "transfer.items": () => ({ items: [itemOf("tree/done", 1), itemOf("tree/half", 2)], total: 2 }),
    "drop.add": () => new LonghaulError("invalid", "the list is complete"),
  });
  const matched = await matchDrop(roots, portOf(host), never);
  expect(matched.arrivals.map((arrival) => [arrival.facts.name, arrival.ticket])).toEqual([
    ["tree/half", { ticket: "t", offsetBytes: 1 }],
  ]);
  expect(matched.fresh.map((root) => root.name)).toEqual(["tree/added"]);
});

it("takes a file of another size for another file", async () => {
  const host = fakeHost({
    "drop.match": ({ files }) => {
      const index = files.findIndex((file) => file.name === "tree/half");
      return [{ index, id, ticket: { ticket: "t", offsetBytes: 1 } }];
    },
    "transfer.items": () => ({ items: [itemOf("tree/done", 99)], total: 1 }),
    "drop.add": () => new LonghaulError("invalid", "the list is complete"),
  });
  const matched = await matchDrop(roots, portOf(host), never);
  expect(matched.fresh.map((root) => root.name)).toEqual(["tree/done", "tree/added"]);
});

it("lets the rest of a folder join a list that was left open, and nothing else", async () => {
  const host = fakeHost({
    "drop.match": ({ files }) => {
      const index = files.findIndex((file) => file.name === "tree/half");
      return [{ index, id, ticket: { ticket: "t", offsetBytes: 1 } }];
    },
    "transfer.items": () => ({ items: [itemOf("tree/half", 2)], total: 1 }),
    "drop.add": ({ files }) => files.map(({ name }) => ({ ticket: name, offsetBytes: 0 })),
    "drop.close": () => null,
  });
  const loose = rootOfEntry(fakeEntry("loose.bin", "1"));
  const locked = rootOfEntry(lockedFolder("locked"));
  const matched = await matchDrop([...roots, loose, locked], portOf(host), never);
  expect(matched.arrivals.map((arrival) => arrival.ticket.ticket)).toEqual([
    "t",
    "tree/done",
    "tree/added",
  ]);
  expect(matched.fresh.map((root) => root.name)).toEqual(["loose.bin"]);
  expect(matched.unreadable).toEqual(["locked"]);
  expect(host.asked.slice(-2)).toEqual(["drop.add", "drop.close"]);
});

it.each([
  [true, ["tree/a", "tree/void/"]],
  [false, ["tree/a"]],
])("tells of empty folders where they are packed: %j", async (isPacked, names) => {
  const told: string[] = [];
  const host = fakeHost({
    "drop.match": ({ files }) => {
      const index = files.findIndex((file) => file.name === "tree/half");
      return [{ index, id, ticket: { ticket: "t", offsetBytes: 1 } }];
    },
    "transfer.items": () => ({ items: [itemOf("tree/known/", 0)], total: 1 }),
    "drop.add": ({ files }) => {
      told.push(...files.map(({ name }) => name));
      return files.map(({ name }) => ({ ticket: name, offsetBytes: 0 }));
    },
    "drop.close": () => null,
  });
  const tree = { half: "22", a: "1", void: {}, known: {} };
  const port = portOf(host, isPacked);
  const matched = await matchDrop([rootOfEntry(fakeEntry("tree", tree))], port, never);
  expect(told).toEqual(names);
  expect(matched.arrivals.map(({ facts }) => facts.name)).toEqual(["tree/half", "tree/a"]);
  expect(matched.fresh).toEqual([]);
});
