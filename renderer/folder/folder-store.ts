import { create } from "zustand";
import type { Client } from "#shared/client.ts";
import type { HostInfo, Picked } from "#shared/contract.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { explainError } from "#shared/error-words.ts";
import { useNoticeStore } from "../state/notice-store.ts";

export type PickKind = "folder" | "files";

/** A question that the folder dialog answers. */
export type FolderAsk = {
  /** `files`: files, and folders too; `folder`: one folder. */
  readonly kind: PickKind;
  readonly title: string;
  /** What was chosen; empty: dismissed. Called once. */
  readonly answer: (picked: readonly Picked[]) => void;
};

export const useFolderStore = create<{ readonly ask: FolderAsk | null }>(() => ({ ask: null }));

/** Has the person choose, in the system's dialog where the host has one, else in ours. */
export async function pickPlaces(
  client: Client,
  host: HostInfo | null,
  kind: PickKind,
  title: string,
): Promise<readonly Picked[]> {
  if (!host?.canPick) return askForPlaces(kind, title);
  try {
    return await client.call("host.pick", { kind, title });
  } catch (thrown) {
    useNoticeStore.getState().notify(explainError(toErrorInfo(thrown)).what, "warn");
    return [];
  }
}

function askForPlaces(kind: PickKind, title: string): Promise<readonly Picked[]> {
  useFolderStore.getState().ask?.answer([]);
  return new Promise((resolve) => {
    const answer = (picked: readonly Picked[]) => {
      useFolderStore.setState({ ask: null });
      resolve(picked);
    };
    useFolderStore.setState({ ask: { kind, title, answer } });
  });
}
