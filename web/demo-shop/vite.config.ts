import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    outDir: "../dist/demo-shop",
    emptyOutDir: true,
    target: "es2022",
    // Every asset is a file of its own origin: the page's Content-Security-Policy knows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: ["index.html", "radiators.html"] },
  },
});
