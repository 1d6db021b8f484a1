import { create } from "zustand";
import type { TransferId } from "#shared/transfer.ts";
import type { ListFilter } from "./list-layout.ts";

type Capping = { readonly ids: readonly TransferId[]; readonly anchor: DOMRect };

/** What the person looks at in the list. It outlives a change of screen. */
type ListState = {
  readonly filter: ListFilter;
  /** The tab stop, and the transfer whose details are shown. */
  readonly current: TransferId | null;
  /** Commands hold for all of these; `current` is among them. */
  readonly selected: ReadonlySet<TransferId>;
  readonly isDetailOpen: boolean;
  /** Asked about by the cancel dialog; empty is closed. */
  readonly canceling: readonly TransferId[];

  /** Get a cap by the panel at the first one's row; null is closed. */
  readonly capping: Capping | null;

  readonly setFilter: (change: Partial<ListFilter>) => void;
  /** `withThese`: all that Shift went over. */
  readonly select: (id: TransferId, withThese?: readonly TransferId[]) => void;
  readonly openDetail: (open: boolean) => void;
  readonly askToCancel: (ids: readonly TransferId[]) => void;
  readonly askToCap: (capping: Capping | null) => void;
};

export const useListStore = create<ListState>((set) => ({
  filter: { segment: "all", text: "" },
  current: null,
  selected: new Set(),
  isDetailOpen: false,
  canceling: [],
  capping: null,

  setFilter: (change) => set(({ filter }) => ({ filter: { ...filter, ...change } })),
  select: (current, withThese = []) => set({ current, selected: new Set([current, ...withThese]) }),
  openDetail: (isDetailOpen) => set({ isDetailOpen }),
  askToCancel: (canceling) => set({ canceling }),
  askToCap: (capping) => set({ capping }),
}));

/** For handlers, which act on what is the case when they run. */
export function listState(): ListState {
  return useListStore.getState();
}
