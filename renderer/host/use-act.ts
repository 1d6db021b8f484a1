import { useCallback } from "react";
import type { CallName, CallRequest } from "#shared/contract.ts";
import { explainError } from "#shared/error-words.ts";
import { isAbort, toErrorInfo } from "#shared/errors.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useClient } from "./host.ts";

export type Act = <N extends CallName>(name: N, input: CallRequest<N>) => void;

/** Does something at the host whose answer the events bring; what goes wrong is said in a notice. */
export function useAct(): Act {
  const client = useClient();
  return useCallback(
    (name, input) => {
      client.call(name, input).catch(notifyTrouble);
    },
    [client],
  );
}

/** What went wrong, in a notice. */
export function notifyTrouble(error: unknown): void {
  if (isAbort(error)) return;
  const { what, todo } = explainError(toErrorInfo(error));
  useNoticeStore.getState().notify(`${what} ${todo}`, "warn");
}
