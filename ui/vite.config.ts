import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const server = process.env["KANAME_SERVER"] ?? "http://127.0.0.1:8751";

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../python/kaname/api/console",
    emptyOutDir: true,
    target: "es2022",
    // The strict content policy of the server forbids data: scripts and inline code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 300,
  },
  server: { proxy: { "/api": { target: server, changeOrigin: false, ws: true } } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
