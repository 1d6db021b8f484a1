/**
 * Builds everything into out/: the program's files flat in out/app (a worker lies beside what starts
 * it), the page in out/renderer. `--if-stale` does nothing where nothing changed.
 */
import {
  chmodSync,
  existsSync,
  globSync,
  lstatSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { projectFolder } from "./find-node.mjs";
import { readStamp, stampOf, writeStamp } from "./stamp.mjs";

const BUILD_FILES = ["package-lock.json", "scripts/build.mjs"];
const APP_SOURCES = ["cli", "electron", "main", "sandbox", "shared", ...BUILD_FILES];
const PAGE_SOURCES = ["renderer", "shared", "vite.config.ts", "postcss.config.cjs", ...BUILD_FILES];

/** Programs by the name of their file in out/app. */
const PROGRAMS = {
  cli: "cli/main.ts",
  sandbox: "sandbox/main.ts",
};

/** Every `x-worker.ts` is started by a sibling, so it is a file of its own under that name. */
function entryPoints() {
  const workers = globSync("{cli,electron,main,sandbox}/**/*-worker.ts", { cwd: projectFolder });
  const named = workers.map((path) => [basename(path, ".ts"), path]);
  if (new Set(named.map(([name]) => name)).size !== named.length) {
    throw new Error(`two workers have the same name: ${workers.join(", ")}`);
  }
  const programs = Object.entries(PROGRAMS).filter(([, path]) =>
    existsSync(join(projectFolder, path)),
  );
  return Object.fromEntries([...programs, ...named]);
}

/**
 * What packages load and Longhaul never uses, with what takes its place: half a megabyte that every
 * start would read. Conf checks no schema of its own here, and migrates nothing.
 */
const UNUSED = [
  [/^\.\.\/locales\/index\.js$/, 'export { default as en } from "zod/v4/locales/en.js";'],
  [/^ajv\/dist\/2020\.js$/, "export class Ajv2020 {}"],
  [/^ajv-formats$/, "export default {};"],
  [/^semver$/, "export default {};"],
  [/^@aws-sdk\/credential-provider-node$/, "export const defaultProvider = () => undefined;"],
];

const leaveOut = {
  name: "leave-out",
  setup(build) {
    for (const [filter, contents] of UNUSED) {
      const namespace = `left-out-${filter.source}`;
      build.onResolve({ filter }, ({ importer }) =>
        /node_modules[\\/](?:zod|conf|@aws-sdk[\\/]client-s3)[\\/]/.test(importer)
          ? { path: "nothing", namespace }
          : null,
      );
      build.onLoad({ filter: /.*/, namespace }, () => ({ contents, resolveDir: projectFolder }));
    }
  },
};

async function buildApp() {
  const { build } = await import("esbuild");
  // Beside the old one until it is whole: a program that starts meanwhile finds all of its files.
  const folder = join(projectFolder, "out", `.app-${process.pid}`);
  const shared = {
    absWorkingDir: projectFolder,
    outdir: folder,
    bundle: true,
    platform: "node",
    target: "node24",
    sourcemap: "external",
    external: ["electron"],
    plugins: [leaveOut],
    mainFields: ["module", "main"],
    // Names stay: they are in stack traces and in the names of errors.
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
  };
  const module = {
    format: "esm",
    // Packages in the older module format ask for `require` of Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  };
  await Promise.all([
    build({
      ...shared,
      ...module,
      entryPoints: entryPoints(),
      splitting: true,
      chunkNames: "chunk-[hash]",
    }),
    // One file: it loads nothing later, when archives have become plain files to it.
    build({ ...shared, ...module, entryPoints: { electron: "electron/main.ts" } }),
    // A sandboxed preload script cannot be a module.
    build({
      ...shared,
      entryPoints: { preload: "electron/preload.ts" },
      format: "cjs",
      outExtension: { ".js": ".cjs" },
    }),
  ]).finally(() => process.once("exit", () => rmSync(folder, { recursive: true, force: true })));
  const app = join(projectFolder, "out", "app");
  rmSync(app, { recursive: true, force: true });
  renameSync(folder, app);
}

async function buildPage() {
  if (!existsSync(join(projectFolder, "renderer/index.html"))) return;
  const { build } = await import("vite");
  await build({ configFile: join(projectFolder, "vite.config.ts"), logLevel: "warn" });
}

/**
 * `npx longhaul` looks in node_modules/.bin. A `bin` in package.json would make it install this
 * package into its own cache first, at every start.
 */
function linkProgram() {
  const script = join(projectFolder, "scripts", "longhaul.mjs");
  const link = join(projectFolder, "node_modules", ".bin", "longhaul");
  if (process.platform === "win32") {
    writeFileSync(`${link}.cmd`, `@node "%~dp0\\..\\..\\scripts\\longhaul.mjs" %*\r\n`);
    return;
  }
  chmodSync(script, 0o755);
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) {
    symlinkSync("../../scripts/longhaul.mjs", link);
  }
}

/** Runs a step unless its sources are as they were when it last ended well. */
async function keepFresh(name, sources, step) {
  const path = join(projectFolder, "out", `.${name}-built`);
  const stamp = stampOf(sources);
  if (process.argv.includes("--if-stale") && readStamp(path) === stamp) return;
  const startedAtMs = performance.now();
  rmSync(path, { force: true });
  await step();
  writeStamp(path, stamp);
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  process.stderr.write(`Built the ${name} in ${seconds} s.\n`);
}

await keepFresh("app", APP_SOURCES, buildApp);
await keepFresh("page", PAGE_SOURCES, buildPage);
linkProgram();
