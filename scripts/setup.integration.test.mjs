import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const scripts = fileURLToPath(new URL(".", import.meta.url));
let project = "";

/** A project whose npm and build only write down that they were asked. */
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "longhaul-setup-"));
  mkdirSync(join(project, "scripts"));
  for (const name of ["setup.mjs", "find-node.mjs", "stamp.mjs"]) {
    cpSync(join(scripts, name), join(project, "scripts", name));
  }
  const note = (word) =>
    `import { appendFileSync, mkdirSync } from "node:fs";
     const project = ${JSON.stringify(project)};
     mkdirSync(project + "/node_modules", { recursive: true });
     appendFileSync(project + "/log", ${JSON.stringify(word)} + " " + process.argv.slice(2).join(" ") + "\\n");
     process.exit(Number(process.env.FAKE_STATUS ?? 0));`;
  writeFileSync(join(project, "scripts/build.mjs"), note("build"));
  writeFileSync(join(project, "npm-cli.mjs"), note("npm"));
  writeFileSync(join(project, "package-lock.json"), "{}");
});
afterEach(() => rmSync(project, { recursive: true }));

function setUp(env = {}) {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [join(project, "scripts/setup.mjs")],
    {
      env: { PATH: process.env.PATH, npm_execpath: join(project, "npm-cli.mjs"), ...env },
      encoding: "utf8",
    },
  );
  return { status, stderr, stdout };
}

const log = () =>
  existsSync(join(project, "log")) ? readFileSync(join(project, "log"), "utf8") : "";

it("installs once and asks for a build that may find nothing to do", () => {
  expect(setUp()).toMatchObject({ status: 0, stdout: "" });
  expect(setUp()).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(log()).toBe(
    "npm ci --ignore-scripts --include=dev --include=optional --loglevel=error\n" +
      "build --if-stale\nbuild --if-stale\n",
  );
});

it("installs again when the lock file has changed", () => {
  setUp();
  writeFileSync(join(project, "package-lock.json"), '{"changed":true}');
  setUp();
  expect(log().match(/npm ci/g)).toHaveLength(2);
});

it("repeats an installation that failed or was cut short", () => {
  const failed = setUp({ FAKE_STATUS: "1" });
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("The same command tries again");
  expect(setUp().status).toBe(0);
  expect(log().match(/npm ci/g)).toHaveLength(2);
});

it("leaves the lock of a set-up that died and goes on", () => {
  mkdirSync(join(project, "out/.setup"), { recursive: true });
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  writeFileSync(join(project, "out/.setup/pid"), String(dead));
  expect(setUp().status).toBe(0);
  expect(existsSync(join(project, "out/.setup"))).toBe(false);
});
