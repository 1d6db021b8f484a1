import { useCallback, useEffect, useRef, useState } from "react";
import type { HostEvent } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { isAbort, toErrorInfo } from "#shared/errors.ts";
import { useClient } from "../host/host.ts";
import { useReturn } from "../host/use-return.ts";

/** Changes are announced four times a second; what is asked for here is needed once. */
const REFRESH_MS = 1000;

export type Asked<T> = {
  /** What was answered last, also to another question; null before. */
  readonly value: T | null;
  /** Why the last answer did not come. */
  readonly error: ErrorInfo | null;
  readonly refresh: () => void;
};

/** What the engine answers, asked again when it changes. `ask` and `isChange` stay the same objects. */
export function useAsked<T>(
  ask: () => Promise<T>,
  isChange: (event: HostEvent) => boolean,
): Asked<T> {
  const client = useClient();
  const [answer, setAnswer] = useState<Omit<Asked<T>, "refresh">>({ value: null, error: null });
  /** Answers come in any order; only that to the last question counts. */
  const asked = useRef(0);
  const refresh = useCallback(() => {
    const number = ++asked.current;
    ask().then(
      (value) => number === asked.current && setAnswer({ value, error: null }),
      (thrown: unknown) => {
        if (number !== asked.current || isAbort(thrown)) return;
        setAnswer(({ value }) => ({ value, error: toErrorInfo(thrown) }));
      },
    );
  }, [ask]);
  useEffect(() => {
    refresh();
    let timer: number | null = null;
    const stop = client.onEvent((event) => {
      if (!isChange(event) || timer !== null) return;
      timer = window.setTimeout(() => {
        timer = null;
        refresh();
      }, REFRESH_MS);
    });
    return () => {
      stop();
      if (timer !== null) window.clearTimeout(timer);
    };
  }, [client, refresh, isChange]);
  useReturn(refresh);
  return { ...answer, refresh };
}
