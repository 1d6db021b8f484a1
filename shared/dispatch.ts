import { z } from "zod";
import type { Reply } from "./client.ts";
import type { CallHandlers, CallName } from "./contract.ts";
import { callSchemas, isCallName } from "./contract.ts";
import { toErrorInfo } from "./errors.ts";

/** The one way into a host's calls: parses, runs, and never rejects. */
export async function dispatch(
  handlers: CallHandlers,
  name: string,
  rawInput: unknown,
): Promise<Reply> {
  if (!isCallName(name)) return refuse(`there is no call ${JSON.stringify(name.slice(0, 64))}`);
  return answer(name, rawInput, handlers[name]);
}

async function answer<N extends CallName>(
  name: N,
  rawInput: unknown,
  handler: CallHandlers[N],
): Promise<Reply> {
  const input = callSchemas[name].input.safeParse(rawInput);
  if (!input.success) return refuse(`${name}: ${z.prettifyError(input.error)}`);
  try {
    return { ok: true, value: await handler(input.data) };
  } catch (error) {
    return { ok: false, error: toErrorInfo(error) };
  }
}

function refuse(message: string): Reply {
  return { ok: false, error: { code: "invalid", message, details: {} } };
}
