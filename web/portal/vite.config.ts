import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Most bytes, as a server sends them, of what a browser loads before it shows the portal. */
const FIRST_LOAD = 60 * 1024;

/** Fails the build when the first load has become too large. What a screen needs beyond that is loaded with it. */
const firstLoad: Plugin = {
  name: "first-load",
  enforce: "post",
  generateBundle(_, bundle) {
    const wanted = new Set<string>();
    const want = (name: string): void => {
      const file = bundle[name];
      if (!file || wanted.has(name)) return;
      wanted.add(name);
      if (file.type !== "chunk") return;
      file.imports.forEach(want);
      file.viteMetadata?.importedCss.forEach(want);
    };
    for (const [name, file] of Object.entries(bundle)) {
      if (name.endsWith(".html") || (file.type === "chunk" && file.isEntry)) want(name);
    }
    const sizes = [...wanted].map((name) => {
      const file = bundle[name];
      const body = file?.type === "chunk" ? file.code : (file?.source ?? "");
      return gzipSync(body, { level: 9 }).length;
    });
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const told = `first load: ${total} of ${FIRST_LOAD} bytes gzipped, in ${wanted.size} files`;
    if (total > FIRST_LOAD) throw new Error(`Too large: ${told}`);
    this.info(told);
  },
};

export default defineConfig({
  // The page may live below any path: only what it is served beside matters.
  base: "./",
  plugins: [firstLoad],
  build: {
    outDir: "../dist/portal",
    emptyOutDir: true,
    target: "es2022",
    // Every asset is a file of its own origin: the page's Content-Security-Policy knows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
  server: {
    // `npm run dev` speaks to a server that runs beside it.
    proxy: { "/v1": { target: "http://127.0.0.1:8080", ws: true } },
  },
});
