import { expect, it } from "vitest";
import { FollowId } from "#shared/follow.ts";
import { ProfileId } from "#shared/profile.ts";
import { NO_SYNC } from "#shared/sync.ts";
import { MemoryDocument } from "../profiles/fakes.ts";
import type { Followed } from "./follow-book.ts";
import { FollowBook } from "./follow-book.ts";

const FOLLOWED: Followed = {
  profileId: ProfileId.parse("lab"),
  bucket: "models",
  key: "m/",
  folder: "/data/m",
  include: [],
  exclude: [],
  everyMs: 60_000,
};

it("keeps what is followed across a restart, with how it went", () => {
  const document = new MemoryDocument();
  const book = new FollowBook(document);
  const id = book.set(FOLLOWED, 1000);
  const error = { code: "unreachable", message: "", details: {} } as const;
  book.ran(id, { atMs: 2000, error, counts: NO_SYNC }, 9000);
  const again = new FollowBook(document);
  const failed = { ...FOLLOWED, id, nextAtMs: 9000, failures: 1 };
  expect(again.list()).toMatchObject([failed]);
  again.ran(id, { atMs: 9000, error: null, counts: NO_SYNC }, 9900);
  expect(again.find(id)).toMatchObject({ failures: 0, last: { error: null } });
  again.remove(id);
  expect(new FollowBook(document).list()).toEqual([]);
});

it("changes the one of the same source and folder, and runs it at once", () => {
  const book = new FollowBook(new MemoryDocument());
  const id = book.set(FOLLOWED, 1000);
  book.ran(id, null, 61_000);
  expect(book.set({ ...FOLLOWED, everyMs: 10_000 }, 2000)).toBe(id);
  expect(book.list()).toMatchObject([{ id, everyMs: 10_000, nextAtMs: 2000 }]);
  expect(book.set({ ...FOLLOWED, key: "other" }, 2000)).not.toBe(id);
});

it("reads around what nobody can read, and tells of every change", () => {
  const document = new MemoryDocument();
  const book = new FollowBook(document);
  let told = 0;
  book.onChange(() => (told += 1));
  const id = book.set(FOLLOWED, 0);
  document.write("follows", [{ id: "nonsense" }, ...book.list()]);
  expect(new FollowBook(document).list()).toMatchObject([{ id }]);
  document.write("follows", "nonsense");
  expect(new FollowBook(document).list()).toEqual([]);
  expect(told).toBe(1);
});

it("takes no more than anybody has", () => {
  const book = new FollowBook(new MemoryDocument());
  for (let n = 0; n < 200; n += 1) book.set({ ...FOLLOWED, key: `${n}` }, 0);
  expect(() => book.set({ ...FOLLOWED, key: "more" }, 0)).toThrow("200");
  expect(book.find(FollowId.parse(crypto.randomUUID()))).toBeUndefined();
});
