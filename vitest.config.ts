import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "node",
          include: ["{shared,main,electron,cli,sandbox,bench,scripts}/**/*.test.{ts,mjs}"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "renderer",
          include: ["renderer/**/*.test.{ts,tsx}"],
          environment: "happy-dom",
          testTimeout: 20_000,
        },
      },
    ],
  },
});
