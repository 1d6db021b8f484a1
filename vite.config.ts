import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL("./renderer", import.meta.url)),
  plugins: [react()],
  // One page for http:// and app://.
  base: "./",
  css: { postcss: fileURLToPath(new URL(".", import.meta.url)) },
  build: {
    outDir: fileURLToPath(new URL("./out/renderer", import.meta.url)),
    emptyOutDir: true,
    target: "es2024",
    // It comes from this machine.
    chunkSizeWarningLimit: 2_000,
    // The content security policy allows no data: scripts and no inlined fonts.
    assetsInlineLimit: 0,
    // An inline script would be refused by the policy; every browser that runs the page preloads.
    modulePreload: { polyfill: false },
  },
});
