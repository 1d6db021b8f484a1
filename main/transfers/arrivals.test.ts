import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { openSync, writeSync, closeSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TransferId } from "#shared/transfer.ts";
import { Gate, nth, RunRig, settleDown, someId } from "./run-rig.ts";

let rig: RunRig;

beforeEach(() => {
  rig = new RunRig();
});

afterEach(async () => {
  await rig.close();
  expect(rig.bugs).toEqual([]);
});

function aFile(name: string, text: string, modifiedAtMs = 1) {
  return { name, sizeBytes: Buffer.byteLength(text), modifiedAtMs };
}

/** Sends part of a file as the web host does. */
async function send(ticket: string, text: string, start = 0, end = text.length): Promise<void> {
  const { path } = await rig.arrivals.begin(ticket, start, end - start);
  const file = openSync(path, "r+");
  writeSync(file, Buffer.from(text.slice(start, end)), 0, end - start, start);
  closeSync(file);
  rig.arrivals.progress(ticket);
  await rig.arrivals.end(ticket, end);
}

async function aDrop(...texts: string[]): Promise<{ id: TransferId; tickets: string[] }> {
  const id = await rig.drop();
  const files = texts.map((text, at) => aFile(`d/${at}`, text));
  const tickets = await rig.arrivals.add(id, files);
  return { id, tickets: tickets.map(({ ticket }) => ticket) };
}

function spooled(): string[] {
  return readdirSync(rig.path("incoming"));
}

describe("a drop", () => {
  it("is uploaded file by file as they come, and its spools go", async () => {
    const { id, tickets } = await aDrop("first", "second");
    await send(nth(tickets, 1), "second");
    await rig.until(id, ({ totals }) => totals.counts.done === 1);
    expect(rig.stored()).toEqual({ "d/1": "second" });
    await send(nth(tickets, 0), "first");
    await rig.arrivals.close(id);
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(rig.stored()).toEqual({ "d/0": "first", "d/1": "second" });
    await settleDown();
    expect(spooled()).toEqual([]);
  });

  it("takes empty files without a body", async () => {
    const { id } = await aDrop("");
    await rig.arrivals.close(id);
    expect((await rig.rest(id)).totals.counts.done).toBe(1);
    expect(rig.stored()).toEqual({ "d/0": "" });
    await settleDown();
    expect(spooled()).toEqual([]);
  });

  it("gives two pages of files at once places of their own", async () => {
    const id = await rig.drop();
    const pages = await Promise.all([
      rig.arrivals.add(id, [aFile("a", "1"), aFile("b", "2")]),
      rig.arrivals.add(id, [aFile("c", "3")]),
    ]);
    const tickets = pages.flat().map(({ ticket }) => ticket);
    expect(new Set(tickets).size).toBe(3);
    expect((await rig.items(id)).map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("counts what is added while it is closed", async () => {
    const id = await rig.drop();
    const files = [aFile("a", "1"), aFile("b", "2")];
    await Promise.all([rig.arrivals.add(id, files), rig.arrivals.close(id)]);
    expect(rig.book.get(id).listing).toMatchObject({ isComplete: true, itemCount: 2 });
  });

  it("takes no file more once it is closed, canceled, or is none", async () => {
    const { id } = await aDrop("a");
    await rig.arrivals.close(id);
    await expect(rig.arrivals.add(id, [aFile("b", "b")])).rejects.toThrow(/takes no more/u);
    const other = await rig.drop();
    await rig.desk.cancel(other, false);
    await expect(rig.arrivals.add(other, [aFile("b", "b")])).rejects.toThrow(/takes no more/u);
    const upload = await rig.upload({ sources: [rig.file("f")] });
    await expect(rig.arrivals.close(upload)).rejects.toThrow(/takes no more/u);
    await rig.rest(upload);
  });

  it("refuses a name that is none, and drops leading slashes of others", async () => {
    const id = await rig.drop();
    await expect(rig.arrivals.add(id, [aFile("//", "x")])).rejects.toMatchObject({
      code: "invalid",
    });
    await rig.arrivals.add(id, [aFile("/a/b", "x")]);
    expect((await rig.items(id)).map(({ name }) => name)).toEqual(["a/b"]);
  });
});

describe("a file that does not come", () => {
  it("fails, and the rest of the drop is there", async () => {
    const { id, tickets } = await aDrop("first", "second");
    await send(nth(tickets, 0), "first");
    await send(nth(tickets, 1), "second", 0, 3);
    await rig.arrivals.close(id);
    await rig.arrivals.leave([nth(tickets, 1)]);
    const { state, totals } = await rig.rest(id);
    expect([state.phase, totals.counts.done, totals.counts.failed]).toEqual(["failed", 1, 1]);
    const [, left] = await rig.items(id);
    expect(left?.error).toMatchObject({ code: "source-changed", details: { cause: "dropped" } });
    expect(rig.stored()).toEqual({ "d/0": "first" });
    await expect(send(nth(tickets, 1), "second")).rejects.toThrow();
    await settleDown();
    expect(spooled()).toEqual([]);
  });

  it("does not come for being tried again", async () => {
    const { id, tickets } = await aDrop("first");
    await rig.arrivals.close(id);
    await rig.arrivals.leave(tickets);
    await rig.rest(id);
    await rig.desk.resume(id);
    expect((await rig.rest(id)).state.phase).toBe("failed");
    const [row] = await rig.items(id);
    expect(row?.error).toMatchObject({ code: "source-changed", details: { cause: "dropped" } });
    expect(rig.stored()).toEqual({});
  });

  it("is one that came, where it is here whole, and none where nobody knows it", async () => {
    const { id, tickets } = await aDrop("first");
    await send(nth(tickets, 0), "first");
    await rig.arrivals.leave([...tickets, "nobody's", `${id}-7`]);
    await rig.arrivals.close(id);
    expect((await rig.rest(id)).state.phase).toBe("done");
    expect(rig.stored()).toEqual({ "d/0": "first" });
  });
});

describe("a body", () => {
  it("is taken at the offset where the file ends, and no other", async () => {
    const { id, tickets } = await aDrop("0123456789");
    const ticket = nth(tickets, 0);
    await send(ticket, "0123456789", 0, 4);
    for (const offset of [0, 3, 5, 10]) {
      await expect(rig.arrivals.begin(ticket, offset, 1)).rejects.toMatchObject({
        code: "conflict",
        details: { neededBytes: 4 },
      });
    }
    await send(ticket, "0123456789", 4);
    await rig.arrivals.close(id);
    await rig.rest(id);
    expect(rig.stored()).toEqual({ "d/0": "0123456789" });
  });

  it("is the only one of its file, even while it is looked whether it may begin", async () => {
    const { tickets } = await aDrop("abc");
    const ticket = nth(tickets, 0);
    const both = await Promise.allSettled([
      rig.arrivals.begin(ticket, 0, 3),
      rig.arrivals.begin(ticket, 0, 3),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await rig.arrivals.end(ticket, 0);
    await send(ticket, "abc");
  });

  it("never goes beyond the file's end", async () => {
    const { tickets } = await aDrop("abc");
    await expect(rig.arrivals.begin(nth(tickets, 0), 0, 4)).rejects.toMatchObject({
      code: "invalid",
    });
  });

  it.each(["", "x", "../../etc/passwd", "00000000-0000-4000-8000-000000000001-0"])(
    "is refused without a ticket: %j",
    async (ticket) => {
      await expect(rig.arrivals.begin(ticket, 0, 1)).rejects.toMatchObject({ code: "invalid" });
      await rig.arrivals.end(ticket, 0);
    },
  );

  it("of a file that is whole says so, and does not queue it again", async () => {
    const gate = new Gate();
    rig.store.before = async () => await gate.pass();
    const { id, tickets } = await aDrop("abc");
    await send(nth(tickets, 0), "abc");
    await expect(rig.arrivals.begin(nth(tickets, 0), 3, 0)).rejects.toMatchObject({
      code: "conflict",
      details: { neededBytes: 3 },
    });
    gate.open();
    await rig.arrivals.close(id);
    await rig.rest(id);
    await expect(rig.arrivals.begin(nth(tickets, 0), 0, 3)).rejects.toMatchObject({
      code: "conflict",
      details: { neededBytes: 3 },
    });
    expect(rig.store.count("put")).toBe(1);
  });
});

describe("the spool of a body", () => {
  it("never follows a hole: a spool that lost bytes goes on where it ends", async () => {
    const { tickets } = await aDrop("0123456789");
    const ticket = nth(tickets, 0);
    await send(ticket, "0123456789", 0, 8);
    truncateSync(rig.path(`incoming/${ticket}`), 5);
    await expect(rig.arrivals.begin(ticket, 8, 2)).rejects.toMatchObject({
      details: { neededBytes: 5 },
    });
    rmSync(rig.path(`incoming/${ticket}`));
    await expect(rig.arrivals.begin(ticket, 8, 2)).rejects.toMatchObject({
      details: { neededBytes: 0 },
    });
    await send(ticket, "0123456789");
  });

  it("has room kept for the rest of its file, while it is under way", async () => {
    const { tickets } = await aDrop("0123456789");
    const ticket = nth(tickets, 0);
    const before = (await rig.space.measure(rig.folder)).reservedBytes;
    await rig.arrivals.begin(ticket, 0, 10);
    expect((await rig.space.measure(rig.folder)).reservedBytes).toBe(before + 10);
    await rig.arrivals.end(ticket, 0);
    expect((await rig.space.measure(rig.folder)).reservedBytes).toBe(before);
  });

  it("is refused when the disk is full, and may come again", async () => {
    const { tickets } = await aDrop("0123456789");
    rig.volume.freeBytes = 5;
    await expect(rig.arrivals.begin(nth(tickets, 0), 0, 10)).rejects.toMatchObject({
      code: "disk-full",
    });
    rig.volume.freeBytes = 2 ** 40;
    await send(nth(tickets, 0), "0123456789");
  });
});

describe("a page that left", () => {
  it("rests the drop after 15 s without a byte", async () => {
    const { id } = await aDrop("abc");
    const { state } = await rig.rest(id);
    expect(state).toMatchObject({ phase: "paused", cause: "drop" });
    expect(rig.clock.nowMs()).toBeGreaterThanOrEqual(15_000);
  });

  it("goes on as soon as a body begins again", async () => {
    const { id, tickets } = await aDrop("abc");
    await rig.rest(id);
    const { path } = await rig.arrivals.begin(nth(tickets, 0), 0, 3);
    expect(rig.book.get(id).state.phase).not.toBe("paused");
    writeFileSync(path, "abc");
    await rig.arrivals.end(nth(tickets, 0), 3);
    await rig.arrivals.close(id);
    await rig.until(id, ({ state }) => state.phase === "done");
  });

  it("does not go on by itself after a person paused it", async () => {
    const { id, tickets } = await aDrop("abc");
    await rig.desk.pause(id);
    await send(nth(tickets, 0), "abc");
    expect(rig.book.get(id).state).toMatchObject({ phase: "paused", cause: "user" });
  });

  it("finds its files by name, size and time, after a restart too", async () => {
    const { id, tickets } = await aDrop("0123456789", "xy");
    await send(nth(tickets, 0), "0123456789", 0, 6);
    await rig.restart();
    await rig.arrivals.sweep();
    const files = [
      aFile("d/1", "xyz"),
      aFile("d/0", "0123456789"),
      aFile("d/0", "0123456789", 2),
      aFile("d/1", "xy"),
    ];
    expect(await rig.arrivals.match(files)).toEqual([
      { index: 1, id, ticket: { ticket: tickets[0], offsetBytes: 6 } },
      { index: 3, id, ticket: { ticket: tickets[1], offsetBytes: 0 } },
    ]);
    await send(nth(tickets, 0), "0123456789", 6);
    await send(nth(tickets, 1), "xy");
    await rig.arrivals.close(id);
    await rig.desk.resume(id);
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(rig.stored()).toEqual({ "d/0": "0123456789", "d/1": "xy" });
  });

  it("is not sent to a drop that was canceled", async () => {
    const { id } = await aDrop("abc");
    await rig.desk.cancel(id, false);
    expect(await rig.arrivals.match([aFile("d/0", "abc")])).toEqual([]);
  });
});

describe("a cancel", () => {
  it("removes the spools, also that of a body under way", async () => {
    const { id, tickets } = await aDrop("abc", "def");
    await send(nth(tickets, 0), "abc", 0, 2);
    const { path } = await rig.arrivals.begin(nth(tickets, 1), 0, 3);
    await rig.desk.cancel(id, false);
    writeFileSync(path, "def");
    await rig.arrivals.end(nth(tickets, 1), 3);
    expect(spooled()).toEqual([]);
    await expect(rig.arrivals.begin(nth(tickets, 0), 2, 1)).rejects.toMatchObject({
      code: "invalid",
    });
  });

  it("and a clear while a body is under way leave nothing", async () => {
    const { id, tickets } = await aDrop("abc");
    const { path } = await rig.arrivals.begin(nth(tickets, 0), 0, 3);
    await rig.desk.cancel(id, false);
    await rig.book.remove(id);
    writeFileSync(path, "abc");
    await rig.arrivals.end(nth(tickets, 0), 3);
    expect(existsSync(path)).toBe(false);
  });
});

describe("a sweep", () => {
  it("removes what nobody needs, whatever it is, and nothing else", async () => {
    const { id, tickets } = await aDrop("abc", "xyz");
    await send(nth(tickets, 0), "abc", 0, 2);
    mkdirSync(rig.path("incoming/samples-x"));
    writeFileSync(rig.path("incoming/samples-x/sample"), "x");
    writeFileSync(rig.path(`incoming/${someId()}-0`), "of a transfer that was cleared");
    writeFileSync(rig.path("incoming/stray"), "stray");
    await rig.restart();
    await rig.arrivals.sweep();
    expect(spooled()).toEqual([tickets[0]]);
    expect(rig.book.get(id).totals.counts.arriving).toBe(2);
  });

  it("removes spools of items that settled just before a crash", async () => {
    const { id, tickets } = await aDrop("abc");
    await send(nth(tickets, 0), "abc");
    await rig.arrivals.close(id);
    await rig.rest(id);
    await settleDown();
    writeFileSync(rig.path(`incoming/${tickets[0]}`), "abc");
    await rig.restart();
    await rig.arrivals.sweep();
    expect(spooled()).toEqual([]);
  });

  it("removes nothing while the journal does not answer", async () => {
    const { tickets } = await aDrop("abc");
    await send(nth(tickets, 0), "abc", 0, 2);
    const items = rig.journal.items.bind(rig.journal);
    rig.journal.items = async () => {
      throw new Error("no answer");
    };
    await expect(rig.arrivals.sweep()).rejects.toThrow("no answer");
    rig.journal.items = items;
    rig.bugs.length = 0;
    expect(spooled()).toEqual([tickets[0]]);
  });
});
