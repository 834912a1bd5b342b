import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Bytes that the panel may have as servers send it; and what it loads besides: a language, the chat, or talking by PC. */
const LARGEST_ZIPPED = 32 * 1024;
const LARGEST_PART = 16 * 1024;
const LARGEST_CHAT = 12 * 1024;
/** A shared view, and what records the page for it. */
const LARGEST_VIEW = 17.5 * 1024;
const LARGEST_RECORDER = 24 * 1024;
const LARGEST: Readonly<Record<string, number>> = {
  "thread-pane": LARGEST_CHAT,
  "view-element": LARGEST_VIEW,
  record: LARGEST_RECORDER,
};

/**
 * Style sheets without what only their authors read, and with sizes that are the panel's own: `rem` is of the shop's
 * <html>, which shops set as they like.
 */
const panelSheets: Plugin = {
  name: "panel-sheets",
  enforce: "pre",
  transform(code, id) {
    if (!/\/(widget|look)\/src\/.*\.ts$/.test(id)) return null;
    return code.replace(/\bcss`([^`]*)`/g, (_, sheet: string) => `css\`${ownSizes(sheet)}\``);
  },
};

function ownSizes(sheet: string): string {
  return sheet
    .replace(/\/\*.*?\*\//gs, "")
    .split(/(@media[^{]*)/)
    .map((part) =>
      part.startsWith("@media") ? part : part.replace(/(-?[\d.]+)rem\b/g, "calc(var(--ringback-rem)*$1)"),
    )
    .join("")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,]) ?/g, "$1");
}

/** Vite's own loader of files fetches their style sheets first, of which there are none. */
const plainImports: Plugin = {
  name: "plain-imports",
  enforce: "pre",
  load: (id) =>
    id.endsWith("vite/preload-helper.js") ? "export const __vitePreload = (load) => load();" : null,
};

/** In the finished code, lines break in templates alone, where a space says the same. */
const oneLine: Plugin = {
  name: "one-line",
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === "chunk") file.code = file.code.replace(/\n\s+/g, " ");
    }
  },
};

/** Fails the build of a panel that has become too large to wait for. */
const sizeGate: Plugin = {
  name: "size-gate",
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== "chunk")
        throw new Error(`The panel loads no ${file.fileName}: it has style sheets of its own`);
      const zipped = gzipSync(file.code, { level: 9 }).length;
      const largest = file.isEntry ? LARGEST_ZIPPED : (LARGEST[file.name] ?? LARGEST_PART);
      const said = `${file.fileName}: ${zipped} bytes gzipped of ${largest}`;
      if (zipped > largest) throw new Error(`Too large. ${said}`);
      this.info(said);
    }
  },
};

export default defineConfig({
  plugins: [panelSheets, plainImports, oneLine, sizeGate],
  build: {
    outDir: "../dist/widget",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    rollupOptions: {
      input: { panel: "src/main.ts" },
      preserveEntrySignatures: "allow-extension",
      output: { entryFileNames: "panel-[hash].js", chunkFileNames: "[name]-[hash].js" },
    },
  },
});
