/** `npm run schema`: writes docs/artifacts.schema.json, which editors check request files with. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ArtifactFile } from "../shared/artifacts.ts";
import { projectFolder } from "./find-node.mjs";

export const SCHEMA_FILE = join(projectFolder, "docs/artifacts.schema.json");

export function makeSchema() {
  return { title: "Longhaul artifacts", ...z.toJSONSchema(ArtifactFile, { io: "input" }) };
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(SCHEMA_FILE, JSON.stringify(makeSchema()));
}
