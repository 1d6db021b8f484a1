import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSettingsFile } from "./settings-file.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-settings-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const refuse = () => {
  throw new Error("it was not broken");
};

it("keeps sections in settings.json, readable by its user only", () => {
  const file = openSettingsFile(home, refuse);
  expect(file.read("profiles")).toBe(undefined);
  file.write("profiles", [{ id: "p1" }]);
  file.write("settings", { theme: "dark" });
  expect(openSettingsFile(home, refuse).read("profiles")).toEqual([{ id: "p1" }]);
  expect(JSON.parse(readFileSync(join(home, "settings.json"), "utf8"))).toEqual({
    profiles: [{ id: "p1" }],
    settings: { theme: "dark" },
  });
  expect(statSync(join(home, "settings.json")).mode & 0o777).toBe(0o600);
});

it("sets a broken file aside and says where", () => {
  writeFileSync(join(home, "settings.json"), '{"profiles": [');
  const broken: string[] = [];
  const file = openSettingsFile(home, (path) => broken.push(path));
  expect(file.read("profiles")).toBe(undefined);
  expect(broken.map((path) => readFileSync(path, "utf8"))).toEqual(['{"profiles": [']);
  expect(readdirSync(home).some((name) => name.startsWith("settings-broken-"))).toBe(true);
});
