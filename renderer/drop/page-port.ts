import type { TransferId } from "#shared/transfer.ts";
import type { Host } from "../host/host.ts";
import type { DropSenderPort } from "./drop-sender.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { sendIncoming } from "./incoming-request.ts";

/** The sender's way out of a real page. */
export function pagePort(host: Host): DropSenderPort {
  const { arrival } = host;
  return {
    call: host.client.call,
    isSettled,
    wait: waitInPage,
    random: Math.random,
    send: (request, signal) => {
      const token = arrival.kind === "bytes" ? arrival.token() : null;
      if (token === null) return Promise.resolve({ kind: "signed-out" });
      return sendIncoming(token, request, signal);
    },
  };
}

function isSettled(id: TransferId): boolean {
  const { byId, isLoaded } = useTransferStore.getState();
  const phase = byId.get(id)?.state.phase;
  // A transfer that was just made may not be on the list yet.
  return isLoaded && (phase === "done" || phase === "failed" || phase === "canceled");
}

function waitInPage(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}
