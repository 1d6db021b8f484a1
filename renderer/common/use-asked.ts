import { useCallback, useEffect, useRef, useState } from "react";
import type { HostEvent } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { isAbort, toErrorInfo } from "#shared/errors.ts";
import { useChanges } from "../host/use-changes.ts";

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
  useEffect(refresh, [refresh]);
  useChanges(isChange, refresh);
  return { ...answer, refresh };
}
