import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "node",
          include: ["{shared,main,electron,cli,sandbox,bench,scripts}/**/*.test.{ts,mjs}"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // What decides needs no page, and a page costs each file a second.
        test: {
          name: "renderer",
          include: ["renderer/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "window",
          include: ["renderer/**/*.test.tsx"],
          environment: "happy-dom",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
