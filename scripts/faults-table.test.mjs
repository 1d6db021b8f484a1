import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectFolder } from "./find-node.mjs";

const read = (path) => readFileSync(join(projectFolder, path), "utf8");

/** `| N4 | what | main/…/x.test.ts |`; the rows that are left out are in another table. */
const rows = [...read("docs/faults.md").matchAll(/^\| ([NSDJE]\d+) +\| .*? \| `([^`]+)`/gm)].map(
  ([, id, file]) => ({ id, file }),
);

it("names for each fault a file that has a test of that name", () => {
  const missing = rows.filter(({ id, file }) => !new RegExp(`["\`]${id} `).test(read(file)));
  expect(rows.length).toBeGreaterThan(0);
  expect(missing).toEqual([]);
});

it("names every fault that a test is named after", () => {
  const files = globSync("{main,cli,electron,e2e,sandbox}/**/*.{test,story}.ts", {
    cwd: projectFolder,
  });
  const tested = files.flatMap((file) =>
    [...read(file).matchAll(/\bit\(\s*["`]([NSDJE]\d+) /g)].map(([, id]) => id),
  );
  const known = new Set(rows.map(({ id }) => id));
  expect([...new Set(tested)].filter((id) => !known.has(id))).toEqual([]);
});
