import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PageFiles } from "./page-files.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-page-"));
  mkdirSync(join(folder, "page/assets"), { recursive: true });
  writeFileSync(join(folder, "page/index.html"), '<meta name="csp-nonce" content="" />');
  writeFileSync(join(folder, "page/assets/a.css"), "a{}");
  writeFileSync(join(folder, "page/assets/a.js.map"), "{}");
  writeFileSync(join(folder, "secret.css"), "s{}");
});
afterAll(() => rmSync(folder, { recursive: true }));

const open = () => new PageFiles(join(folder, "page"));

it("finds the page with a policy whose nonce it carries, another one each time", () => {
  const files = open();
  const [first, second] = [files.find("/"), files.find("/index.html")];
  const nonce = /'nonce-([^']+)'/.exec(first?.headers["content-security-policy"] ?? "")?.[1] ?? "";
  expect(nonce).toMatch(/^[\w+/]{24}$/);
  expect(first?.body).toContain(`content="${nonce}"`);
  expect(second?.body).not.toContain(nonce);
});

it("finds what lay in the folder, with its type", () => {
  expect(open().find("/assets/a.css")).toMatchObject({
    headers: { "content-type": "text/css; charset=utf-8", "x-content-type-options": "nosniff" },
    body: Buffer.from("a{}"),
  });
});

it.each([
  "/../secret.css",
  "/assets/../../secret.css",
  "/assets/a.js.map",
  "/assets",
  "",
  "secret.css",
])("finds nothing under %j", (path) => {
  expect(open().find(path)).toBe(undefined);
});

it("refuses a folder without a page", () => {
  expect(() => new PageFiles(join(folder, "page/assets"))).toThrow("holds no index.html");
});
