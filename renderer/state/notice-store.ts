import { create } from "zustand";

export type Notice = {
  readonly id: number;
  readonly tone: "plain" | "warn";
  /** One sentence. */
  readonly text: string;
};

/** Short word of something that happened and asks nothing: shown for a while, and spoken. */
type Notices = {
  readonly notices: readonly Notice[];
  readonly notify: (text: string, tone?: Notice["tone"]) => void;
  readonly dismiss: (id: number) => void;
};

/** More would hide the list. */
const AT_ONCE = 3;
let nextId = 1;

export const useNoticeStore = create<Notices>((set) => ({
  notices: [],
  notify: (text, tone = "plain") =>
    set(({ notices }) => ({ notices: [...notices, { id: nextId++, tone, text }].slice(-AT_ONCE) })),
  dismiss: (id) => set(({ notices }) => ({ notices: notices.filter((one) => one.id !== id) })),
}));
