import { defineConfig } from "vite";

export default defineConfig({
  // The page may live below any path: only what it is served beside matters.
  base: "./",
  build: {
    outDir: "../dist/agent",
    emptyOutDir: true,
    target: "es2022",
    // Every asset is a file of its own origin: the page's Content-Security-Policy knows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // A shopper's page is shown in a document of its own, with a policy of its own.
    rollupOptions: { input: ["index.html", "view/index.html"] },
  },
  server: {
    // `npm run dev` speaks to a server that runs beside it.
    proxy: { "/v1": { target: "http://127.0.0.1:8080", ws: true } },
  },
});
