import { request } from "node:http";
import { text } from "node:stream/consumers";
import { FaultReport, FaultScript } from "#shared/fault-script.ts";
import type { FaultScriptInput } from "#shared/fault-script.ts";

const DEADLINE_MS = 10_000;

/** Replaces the script of a sandbox that was started with `faultSocket`. */
export async function putFaults(socketPath: string, script: FaultScriptInput): Promise<void> {
  await ask(socketPath, "PUT", JSON.stringify(FaultScript.parse(script)));
}

/** How often each rule of the script was used, in order. */
export async function usedFaults(socketPath: string): Promise<readonly number[]> {
  return FaultReport.parse(JSON.parse(await ask(socketPath, "GET", ""))).used;
}

async function ask(socketPath: string, method: string, body: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const sent = request({ socketPath, method, agent: false, signal }, (response) => {
      text(response).then((said) => {
        if (response.statusCode === 200) resolve(said);
        else reject(new Error(`the script was refused: ${said}`));
      }, reject);
    });
    sent.on("error", reject).end(body);
  });
}
