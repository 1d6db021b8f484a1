import { expect, it } from "vitest";
import { TransferId } from "#shared/transfer.ts";
import { fakeHost } from "../host/fake-host.ts";
import type { IncomingReply } from "./incoming-request.ts";
import type { DropSenderPort } from "./drop-sender.ts";
import { resumeDrop, sendDrop } from "./drop-sender.ts";
import { fakeEntry, lockedFolder } from "./fake-entries.ts";
import type { DropRoot } from "./walk-entries.ts";
import { rootOfEntry } from "./walk-entries.ts";

const id = TransferId.parse("6f8f3b1e-6d0c-4c1e-9f55-0c2a7a3f1b2d");
const never = new AbortController().signal;

/** A host that keeps what it is sent. */
function keepingHost(refuse?: IncomingReply) {
  const bytes = new Map<string, string>();
  const host = fakeHost({
    "drop.add": ({ files }) => files.map(({ name }) => ({ ticket: name, offsetBytes: 0 })),
    "drop.close": () => null,
    "drop.leave": () => null,
  });
  const port: DropSenderPort = {
    call: host.call,
    isSettled: () => false,
    wait: async () => {},
    random: () => 0.5,
    send: async ({ ticket, offsetBytes, body }) => {
      if (refuse) return refuse;
      bytes.set(ticket, (bytes.get(ticket) ?? "").slice(0, offsetBytes) + (await body.text()));
      return { kind: "at", offsetBytes: offsetBytes + body.size };
    },
  };
  return { bytes, port, asked: host.asked };
}

it("sends every file of a drop under its ticket, and says that there are no more", async () => {
  const { bytes, port, asked } = keepingHost();
  const roots = [rootOfEntry(fakeEntry("tree", { a: "alpha", sub: { b: "beta" }, empty: "" }))];
  const report = await sendDrop({ id, roots, isPacked: false }, port, never);
  expect(Object.fromEntries(bytes)).toEqual({ "tree/a": "alpha", "tree/sub/b": "beta" });
  expect(asked.at(-1)).toBe("drop.close");
  expect(report).toMatchObject({ unreadableCount: 0, refusedCount: 0, isSignedOut: false });
});

it("sends nothing for an empty folder, of which it tells where the drop is packed", async () => {
  const { bytes, port, asked } = keepingHost();
  const roots = [rootOfEntry(fakeEntry("tree", { a: "alpha", void: {} }))];
  await sendDrop({ id, roots, isPacked: true }, port, never);
  expect([...bytes.keys()]).toEqual(["tree/a"]);
  expect(asked).toEqual(["drop.add", "drop.close"]);
});

it("names what could not be read, and sends the rest", async () => {
  const { bytes, port } = keepingHost();
  const roots = [rootOfEntry(lockedFolder("private")), rootOfEntry(fakeEntry("a", "alpha"))];
  const report = await sendDrop({ id, roots, isPacked: false }, port, never);
  expect([report.unreadable, report.unreadableCount]).toEqual([["private"], 1]);
  expect([...bytes.keys()]).toEqual(["a"]);
});

it("tells the host of what changed since the drop, so that it does not wait", async () => {
  const { bytes, port, asked } = keepingHost();
  const versions = [1, 2].map((lastModified) => new File(["alpha"], "a", { lastModified }));
  const open = async () => versions.shift() ?? new File([], "a");
  const changing: DropRoot = {
    name: "a",
    kind: "file",
    walk: async function* () {
      yield { kind: "file", file: { name: "a", open } };
    },
  };
  const roots = [changing, rootOfEntry(fakeEntry("b", "beta"))];
  const report = await sendDrop({ id, roots, isPacked: false }, port, never);
  expect(report.unreadable).toEqual(["a"]);
  expect([...bytes.keys()]).toEqual(["b"]);
  expect(asked).toContain("drop.leave");
});

it("stops everything when the token is no longer good", async () => {
  const { port } = keepingHost({ kind: "signed-out" });
  const tree = Object.fromEntries(Array.from({ length: 40 }, (_none, at) => [`f${at}`, "x"]));
  const report = await sendDrop(
    { id, roots: [rootOfEntry(fakeEntry("t", tree))], isPacked: false },
    port,
    never,
  );
  expect(report.isSignedOut).toBe(true);
});

it("says what the host would not take", async () => {
  const error = { code: "invalid", message: "no such ticket", details: {} } as const;
  const { port } = keepingHost({ kind: "refused", error });
  const report = await sendDrop(
    { id, roots: [rootOfEntry(fakeEntry("a", "alpha"))], isPacked: false },
    port,
    never,
  );
  expect([report.refusedCount, report.refusal]).toEqual([1, error]);
});

it("goes on with a half sent file at its offset", async () => {
  const { bytes, port } = keepingHost();
  bytes.set("ticket", "alp");
  const file = new File(["alpha"], "a", { lastModified: 7 });
  const arrival = {
    id,
    found: { name: "a", open: async () => file },
    facts: { name: "a", sizeBytes: 5, modifiedAtMs: 7 },
    ticket: { ticket: "ticket", offsetBytes: 3 },
  };
  const unreadable = ["tree/locked"];
  const said = await resumeDrop({ arrivals: [arrival], unreadable }, port, never);
  expect(bytes.get("ticket")).toBe("alpha");
  expect(said).toMatchObject({ unreadable, unreadableCount: 1 });
});
