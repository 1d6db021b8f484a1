import { join, resolve } from "node:path";
import { z } from "zod";
import { startSandbox } from "#main/profiles/sandbox-process.ts";
import type { CommandContext } from "../context.ts";

export const SandboxFlags = z.object({
  dir: z.string().nullable().default(null),
  port: z.number().nullable().default(null),
  keys: z.string().nullable().default(null),
  bucket: z.array(z.string()).default([]),
  log: z.string().nullable().default(null),
  json: z.boolean().default(false),
});
export type SandboxFlags = z.infer<typeof SandboxFlags>;

/** `longhaul sandbox`: an S3 store on local files, until a signal. Says where it is and where its keys are. */
export async function runSandbox(flags: SandboxFlags, context: CommandContext): Promise<number> {
  const { terminal, interrupts, workingFolder } = context;
  const dir = resolve(workingFolder, flags.dir ?? "longhaul-sandbox");
  const keysFile =
    flags.keys === null ? join(dir, "keys.json") : resolve(workingFolder, flags.keys);
  const options = {
    dir,
    keysFile,
    buckets: flags.bucket,
    ...(flags.port === null ? {} : { port: flags.port }),
    ...(flags.log === null ? {} : { logFile: resolve(workingFolder, flags.log) }),
  };
  const sandbox = await startSandbox(options, interrupts.signal);
  const { endpoint, region } = sandbox;
  if (flags.json) terminal.out(JSON.stringify({ type: "ready", endpoint, region, keysFile }));
  else {
    terminal.out(`${endpoint} (region ${region}), keys in ${keysFile}`);
    const { accessKeyId } = sandbox.credentials;
    terminal.err(
      `To use it, with the secret of that file on standard input: longhaul profiles add sandbox --endpoint-url ${endpoint} --access-key-id ${accessKeyId} --secret-stdin`,
    );
  }
  const stop = () => void sandbox.stop();
  interrupts.signal.addEventListener("abort", stop, { once: true });
  await sandbox.exited;
  // It ends by itself only when something is wrong.
  return interrupts.signal.aborted ? 0 : 1;
}
