import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compressed } from "./build/compressed.ts";

const SERVER = "http://127.0.0.1:8080";
const PROXIED = ["/api", "/docs", "/openapi.json", "/schemas", "/healthz", "/readyz"];
/** What every page needs and what seldom changes: kept by browsers when only the app changed. */
const LASTING =
  /node_modules\/(react|react-dom|scheduler|react-router|@tanstack\/(react-query|query-core))\//;

export default defineConfig({
  base: "/ui/",
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  plugins: [react(), compressed()],
  build: {
    outDir: "../taskloom/static/app",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "lasting", test: LASTING }] } },
    },
  },
  server: {
    proxy: Object.fromEntries(PROXIED.map((path) => [path, { target: SERVER }])),
  },
});
