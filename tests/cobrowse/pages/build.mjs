// node build.mjs FOLDER: bundle the pages of React, Vue and Lit into a folder.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "../../../web/node_modules");
// As Vite, which brings it, finds it.
const require = createRequire(createRequire(join(packages, "any.js")).resolve("vite/package.json"));

await require("esbuild").build({
  entryPoints: ["react", "vue", "lit", "fields-react", "fields-vue", "fields-lit", "fields-plain"].map((name) => join(here, "src", `${name}.js`)),
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  nodePaths: [packages],
  define: {
    "process.env.NODE_ENV": '"production"',
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  outdir: process.argv[2],
  logLevel: "warning",
});
