import { join } from "node:path";
import { readFile } from "node:fs/promises";
import type { ForkOptions, UtilityProcess } from "electron";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import { PRACTICE_BUCKET } from "#main/calls/practice.ts";
import type { PracticeStore } from "#main/engine-host.ts";

type Child = Pick<UtilityProcess, "stdout" | "on" | "kill">;
export type Fork = (modulePath: string, args: string[], options: ForkOptions) => Child;

const ReadyLine = z.object({ endpoint: z.url() });
const KeysFile = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });
const READY_MS = 15_000;

/**
 * Starts the sandbox store in a utility process: the packaged app has no Node to run it with. It
 * ends with the app. Its keys travel in a file.
 *
 * @throws {LonghaulError} `internal` when it does not get ready.
 */
export async function startPractice(
  fork: Fork,
  module: string,
  home: string,
  folder: string,
): Promise<PracticeStore> {
  const keysFile = join(home, "practice-keys.json");
  const args = ["--dir", folder, "--keys", keysFile, "--bucket", PRACTICE_BUCKET, "--one-process"];
  const child = fork(module, args, {
    stdio: "pipe",
    env: {},
    serviceName: "Longhaul practice bucket",
  });
  const exited = new Promise<void>((done) => {
    child.on("exit", () => done());
  });
  try {
    const { endpoint } = ReadyLine.parse(JSON.parse(await firstLine(child, exited)));
    const keys = KeysFile.parse(JSON.parse(await readFile(keysFile, "utf8")));
    const stop = async () => {
      child.kill();
      await exited;
    };
    return { endpoint, ...keys, stop };
  } catch (error) {
    child.kill();
    throw new LonghaulError("internal", "the practice store did not start", { cause: error });
  }
}

function firstLine(child: Child, exited: Promise<void>): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no line within 15 s")), READY_MS);
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (!text.includes("\n")) return;
      clearTimeout(timer);
      resolve(text.slice(0, text.indexOf("\n")));
    });
    void exited.then(() => {
      clearTimeout(timer);
      reject(new Error("it ended"));
    });
  });
}
