/**
 * `npm run faults` writes `docs/faults.md`: each row of the fault catalogue with the tests that show
 * it. Faults and what is left out are in `docs/fault-rows.json`; the tests are found by their titles,
 * which begin with the row's id.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectFolder } from "./find-node.mjs";

export const tablePath = join(projectFolder, "docs", "faults.md");

const AREAS = {
  N: "Network",
  S: "S3",
  D: "Disk",
  J: "Journal and process",
  E: "Engine and hosts",
  X: "Archives",
};

const INTRODUCTION = `# Faults and the tests that show them

Written by \`npm run faults\`; faults and what is left out are in \`docs/fault-rows.json\`.

Rows are those of the fault catalogue. A row's test begins with its id, and injects its fault into a
running transfer: the sandbox store does wrong what a script says (\`shared/fault-script.ts\`), or a bad
line is between (\`main/faults/fault-proxy.ts\`), with a real engine over them
(\`main/faults/fault-rig.ts\`). Rows of archives unpack one that is built byte by byte. What of a row is not shown says so in italics.
`;

/** @returns {Record<string, { fault: string, leftOut?: string }>} By id, in the catalogue's order. */
export function readRows() {
  return JSON.parse(readFileSync(join(projectFolder, "docs", "fault-rows.json"), "utf8"));
}

/** Strings that begin with a row's id, where a test has its title: `[{ id, title }]`, as they come. */
export function titlesIn(source) {
  const titles = source.matchAll(/[([,]\s*(["'`])([NSDJEX]\d{1,2}) ((?:\\[^]|(?!\1)[^])+)\1/g);
  return [...titles].map(([, , id, title]) => ({ id, title: title.replaceAll(/\s+/g, " ") }));
}

/** @returns {{ id: string, title: string, file: string }[]} Of every test and story, by file. */
export function findTests() {
  const folders = "{shared,main,cli,electron,renderer,e2e,sandbox,bench}";
  const files = globSync(`${folders}/**/*.{test,story}.{ts,tsx}`, { cwd: projectFolder });
  return files
    .toSorted()
    .flatMap((file) =>
      titlesIn(readFileSync(join(projectFolder, file), "utf8")).map((test) => ({ ...test, file })),
    );
}

export function tableOf(rows, tests) {
  const lines = [INTRODUCTION.trimEnd()];
  let area = "";
  for (const [id, { fault, leftOut }] of Object.entries(rows)) {
    if (id[0] !== area) lines.push("", `## ${AREAS[id[0]]}`, "");
    area = id[0];
    lines.push(`- **${id}** ${fault}`);
    for (const test of tests.filter((found) => found.id === id))
      lines.push(`  - \`${test.file}\`: ${test.title.replaceAll("<", "\\<")}`);
    if (leftOut !== undefined) lines.push(`  - _${leftOut}_`);
  }
  return `${lines.join("\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(tablePath, tableOf(readRows(), findTests()));
