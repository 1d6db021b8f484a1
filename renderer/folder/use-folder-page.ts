import { useCallback, useEffect, useRef, useState } from "react";
import type { FolderPage } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { useClient } from "../host/host.ts";

type State = {
  /** The last folder that answered; null before. */
  readonly page: FolderPage | null;
  /** Why the folder asked for last is not shown. */
  readonly error: ErrorInfo | null;
};

/** The folder on screen. `start` is tried first; where it does not answer, browsing begins at the host's own start. */
export function useFolderPage(start: string | null) {
  const client = useClient();
  const [state, setState] = useState<State>({ page: null, error: null });
  const asked = useRef(0);

  const ask = useCallback(
    (path: string | null): Promise<boolean> => {
      const number = ++asked.current;
      const put = (next: (before: State) => State) => {
        if (number === asked.current) setState(next);
      };
      return client.call("folder.list", { path }).then(
        (page) => {
          put(() => ({ page, error: null }));
          return true;
        },
        (thrown: unknown) => {
          put(({ page }) => ({ page, error: toErrorInfo(thrown) }));
          return false;
        },
      );
    },
    [client],
  );
  useEffect(() => {
    void ask(start).then((isThere) => (isThere || start === null ? true : ask(null)));
  }, [ask, start]);
  return { ...state, go: (path: string) => void ask(path) };
}
