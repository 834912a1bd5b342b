import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Most bytes of each file, as it is and as a server sends it. docs/page.md promises those of the loader. */
const LIMITS = { loader: [10 * 1024, 4.5 * 1024], page: [16 * 1024, 6 * 1024] } as const;

/** Fails the build of a file that has become too large for a shop's every page. */
const sizeGate = (name: keyof typeof LIMITS): Plugin => ({
  name: "size-gate",
  generateBundle(_, bundle) {
    const [most, mostZipped] = LIMITS[name];
    const files = Object.values(bundle);
    const [file] = files;
    if (file?.type !== "chunk" || files.length > 1) throw new Error(`${name} must be one file`);
    // Nearly all of the loader runs at once: Chromium then compiles it beside the page's thread.
    if (name === "loader") file.code = "//# allFunctionsCalledOnLoad\n" + file.code;
    const raw = new TextEncoder().encode(file.code);
    const zipped = gzipSync(raw, { level: 9 }).length;
    const sizes = `${file.fileName}: ${raw.length} of ${most} bytes, ${zipped} of ${mostZipped} gzipped`;
    if (raw.length > most || zipped > mostZipped) throw new Error(`Too large: ${sizes}`);
    this.info(sizes);
  },
});

// `vite build` makes the loader, `vite build --mode page` the module that it imports (src/follow-seam.ts).
export default defineConfig(({ mode }) => {
  const name = mode === "page" ? "page" : "loader";
  const loader = name === "loader";
  return {
    plugins: [sizeGate(name)],
    build: {
      outDir: "../dist/page",
      emptyOutDir: loader,
      target: "es2022",
      modulePreload: false,
      rollupOptions: {
        input: loader ? "src/main.ts" : "src/follow/follow.ts",
        preserveEntrySignatures: "strict",
        // A classic script runs from any <script>, and knows by document.currentScript where it came from.
        output: loader
          ? { format: "iife", entryFileNames: "loader.js", strict: false }
          : { format: "es", entryFileNames: "page-[hash].js" },
      },
    },
  };
});
