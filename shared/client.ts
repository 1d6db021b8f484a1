import type { CallName, CallOutput, CallRequest, HostEvent } from "./contract.ts";
import type { ErrorInfo } from "./errors.ts";
import { callSchemas } from "./contract.ts";
import { fromErrorInfo } from "./errors.ts";

/** What a host answers. Failure is a value: a rejection loses its fields when it crosses IPC. */
export type Reply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorInfo };

/** Carries calls to a host and its events back: Electron IPC, a WebSocket, a plain function. */
export interface Transport {
  call(name: CallName, input: unknown): Promise<Reply>;
  /** Returns the way to stop listening. */
  onEvent(listener: (event: HostEvent) => void): () => void;
}

export type Client = {
  readonly call: <N extends CallName>(name: N, input: CallRequest<N>) => Promise<CallOutput<N>>;
  readonly onEvent: Transport["onEvent"];
};

/** Typed calls over any transport. @throws {LonghaulError} what the host reported. */
export function createClient(transport: Transport): Client {
  return {
    call: async (name, input) => {
      const reply = await transport.call(name, input);
      if (!reply.ok) throw fromErrorInfo(reply.error);
      return callSchemas[name].output.parse(reply.value);
    },
    onEvent: (listener) => transport.onEvent(listener),
  };
}
