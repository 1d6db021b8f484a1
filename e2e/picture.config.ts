import { defineConfig } from "playwright/test";
import stories from "./playwright.config.ts";

/** `playwright test -c e2e/picture.config.ts` takes the README's picture anew. */
export default defineConfig({
  ...stories,
  testMatch: "*.picture.ts",
  projects: [{ name: "mouse" }],
});
