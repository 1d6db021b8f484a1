import { expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { TransferId } from "#shared/transfer.ts";
import { fakeEntry } from "./fake-entries.ts";
import { fakeHost } from "../host/fake-host.ts";
import { addFiles } from "./add-files.ts";
import { rootOfEntry } from "./walk-entries.ts";

const id = TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d");
const never = new AbortController().signal;
const unreachable = new LonghaulError("unreachable", "the socket closed");

function folderOf(count: number) {
  const tree = Object.fromEntries(Array.from({ length: count }, (_none, at) => [`f${at}`, "x"]));
  return [rootOfEntry(fakeEntry("tree", tree))];
}

async function pagesOf(host: ReturnType<typeof fakeHost>, count: number) {
  const port = { call: host.call, wait: async () => {}, onUnreadable: () => {} };
  const pages: number[] = [];
  const tickets: string[] = [];
  const drop = { id, roots: folderOf(count), isPacked: false };
  for await (const page of addFiles(drop, port, never)) {
    pages.push(page.length);
    tickets.push(...page.map((arrival) => `${arrival.facts.name} ${arrival.ticket.ticket}`));
  }
  return { pages, tickets };
}

it("adds in pages of 500 and then says that there are no more", async () => {
  const host = fakeHost({
    "drop.add": ({ files }) => files.map(({ name }) => ({ ticket: name, offsetBytes: 0 })),
    "drop.close": () => null,
  });
  expect((await pagesOf(host, 1001)).pages).toEqual([500, 500, 1]);
  expect(host.asked).toEqual(["drop.add", "drop.add", "drop.add", "drop.close"]);
});

it("does not add twice what the host heard of before the answer was lost", async () => {
  const added: string[] = [];
  let answers = 0;
  const host = fakeHost({
    "drop.add": ({ files }) => {
      // The first call reaches the host with only one of its files; its answer is lost.
      const heard = answers++ === 0 ? files.slice(0, 1) : files;
      added.push(...heard.map(({ name }) => name));
      if (answers === 1) return unreachable;
      return files.map(({ name }) => ({ ticket: `added ${name}`, offsetBytes: 0 }));
    },
    "drop.match": () =>
      answers === 1 ? [{ index: 0, id, ticket: { ticket: "matched", offsetBytes: 0 } }] : [],
    "drop.close": () => null,
  });
  const { tickets } = await pagesOf(host, 2);
  expect(added).toEqual(["tree/f0", "tree/f1"]);
  expect(tickets).toEqual(["tree/f0 matched", "tree/f1 added tree/f1"]);
});

it("says again that there are no more, where the answer to that was lost", async () => {
  let closes = 0;
  const host = fakeHost({
    "drop.add": ({ files }) => files.map(({ name }) => ({ ticket: name, offsetBytes: 0 })),
    "drop.close": () => (closes++ === 0 ? unreachable : null),
  });
  await pagesOf(host, 1);
  expect(host.asked).toEqual(["drop.add", "drop.close", "drop.close"]);
});

it("stops when the host refuses", async () => {
  const host = fakeHost({ "drop.add": () => new LonghaulError("invalid", "it is closed") });
  await expect(pagesOf(host, 1)).rejects.toThrow("it is closed");
});
