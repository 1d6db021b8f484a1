import { globSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

const NODE_TESTS = "{shared,main,electron,cli,sandbox,bench,scripts}/**/*.test.{ts,mjs}";

/** What replaces whole modules needs a process of its own; everything else shares one, and its imports. */
const REPLACING = globSync(NODE_TESTS).filter((path) =>
  readFileSync(path, "utf8").includes("vi.mock("),
);

/** What looks at speeds is told after everything else, with nothing beside it. */
const MEASURING = ["main/wire/limits.integration.test.ts"];

/**
 * What goes wrong, and what starts the program as people do, again and again, takes minutes:
 * `npm run test:faults`, not `npm test`.
 */
const FAULTS = [
  "main/faults/**/*.test.ts",
  "main/transfers/list-million.integration.test.ts",
  "main/parts/{provider-rows,foreign-crc,flipped-bits}.integration.test.ts",
  "cli/{attach,attached-commands,cache-rows,crash-rows,disk-faults,get-counts,get-crash,main,secrets,sync}.integration.test.ts",
  "bench/crash-lab/power-cuts.test.ts",
];

const base = { isolate: false, testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // Integration tests wait more than they work, so more of them than cores run side by side.
    maxWorkers: 4,
    projects: [
      {
        test: {
          ...base,
          name: "node",
          include: [NODE_TESTS],
          exclude: [...REPLACING, ...MEASURING, ...FAULTS],
        },
      },
      { test: { ...base, name: "measures", include: MEASURING } },
      { test: { ...base, name: "faults", include: FAULTS } },
      { test: { ...base, name: "replacing", include: REPLACING, isolate: true } },
      // What decides needs no page, and a page costs each file a second.
      { test: { ...base, name: "renderer", include: ["renderer/**/*.test.ts"] } },
      {
        test: {
          ...base,
          name: "window",
          include: ["renderer/**/*.test.tsx"],
          environment: "happy-dom",
        },
      },
    ],
  },
});
