import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { makeSchema, SCHEMA_FILE } from "./schema.mjs";

const published = JSON.parse(readFileSync(SCHEMA_FILE, "utf8"));

it("the published schema is the one that files are checked with: npm run schema", () => {
  expect(published).toEqual(makeSchema());
});

it("the published schema tells requests apart and takes no unknown key", () => {
  const { properties, additionalProperties } = published;
  expect(additionalProperties).toBe(false);
  const kinds = properties.requests.items.anyOf;
  expect(kinds.map(({ required }) => required)).toEqual([
    ["object", "destination"],
    ["prefix", "destination"],
  ]);
});
