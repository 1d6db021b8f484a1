import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HandleBook } from "./handle-book.ts";

let base = "";
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "longhaul-handles-"));
  mkdirSync(join(base, "tree/inner"), { recursive: true });
  mkdirSync(join(base, "downloads"));
  writeFileSync(join(base, "a.bin"), "a");
});
afterAll(() => rmSync(base, { recursive: true }));

function withDownloads(): HandleBook {
  const book = new HandleBook();
  book.allowFolder(join(base, "downloads"));
  return book;
}

it("leads a handle back to the path that it was given for", async () => {
  const book = new HandleBook();
  const picked = await book.grant(join(base, "a.bin"));
  expect(picked).toMatchObject({ path: join(base, "a.bin"), kind: "file" });
  expect(await book.resolveRef(picked?.ref ?? { handle: "" }, "read")).toBe(join(base, "a.bin"));
});

it("gives none for what is not there", async () => {
  expect(await new HandleBook().grant(join(base, "gone"))).toBe(null);
});

it("lets a picked folder be named by path, with what is below it", async () => {
  const book = new HandleBook();
  await book.grant(join(base, "tree"));
  expect(await book.resolveRef({ path: join(base, "tree/inner") }, "read")).toBe(
    join(base, "tree/inner"),
  );
  expect([book.hasFolder(join(base, "tree")), book.hasFolder(base)]).toEqual([true, false]);
});

it("knows the folder for downloads from the start", async () => {
  const book = withDownloads();
  const path = join(base, "downloads/new");
  expect(await book.resolveRef({ path }, "write")).toBe(path);
});

it.each([{ handle: "made-up" }, { path: "/etc/passwd" }, { path: "downloads/x" }])(
  "refuses %j",
  async (ref) => {
    const book = withDownloads();
    await expect(book.resolveRef(ref, "read")).rejects.toMatchObject({ code: "path-denied" });
  },
);

it("refuses a path that leads out of a granted folder", async () => {
  const book = withDownloads();
  const path = `${join(base, "downloads")}/../a.bin`;
  await expect(book.resolveRef({ path }, "read")).rejects.toMatchObject({ code: "path-denied" });
});

it("says when what was picked has gone since", async () => {
  const book = new HandleBook();
  writeFileSync(join(base, "brief"), "b");
  const picked = await book.grant(join(base, "brief"));
  rmSync(join(base, "brief"));
  const ref = picked?.ref ?? { handle: "" };
  await expect(book.resolveRef(ref, "read")).rejects.toMatchObject({ code: "path-missing" });
});
