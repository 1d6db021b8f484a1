#!/usr/bin/env node
import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "./find-node.mjs";
import { runOnPackagedNode } from "./run.mjs";

const program = join(projectFolder, "out", "app", "cli.js");
if (existsSync(program)) {
  await runOnPackagedNode(program, process.argv.slice(2));
} else {
  process.stderr.write("longhaul is not built yet. Run: npm run build\n");
  process.exitCode = 3;
}
