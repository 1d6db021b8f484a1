import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { ofFolder } from "./folder-trouble.ts";

const folder = mkdtempSync(join(tmpdir(), "longhaul-trouble-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("names the folder that is missing, and not the file that could not be made in it", async () => {
  const path = join(folder, "a.part");
  const error = new LonghaulError("folder-missing", "write: ENOENT", { details: { path } });
  expect(await ofFolder(error, folder)).toMatchObject({ details: { path } });
  rmSync(folder, { recursive: true });
  expect(await ofFolder(error, folder)).toMatchObject({
    code: "folder-missing",
    details: { path: folder },
  });
});
