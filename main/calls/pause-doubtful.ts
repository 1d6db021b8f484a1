import type { TransferBook } from "../transfers/transfer-book.ts";
import { endsByItself } from "../transfers/outcome.ts";
import { isSettled } from "../transfers/transfer-state.ts";

/** Why nobody can say whether the queue is still what a person wants. */
export type Doubt = "other-machine" | "old-copy";

const WORDS: Readonly<Record<Doubt, string>> = {
  "other-machine":
    "This list came from another machine, which may be moving the same. Resume it to go on here.",
  "old-copy":
    "The list of transfers was damaged, and this is an older copy of it. Resume what is still to be moved.",
};

/** Pauses everything that would go on by itself, and says why in each one's log. */
export async function pauseDoubtful(
  book: Pick<TransferBook, "list" | "apply" | "log">,
  doubt: Doubt,
): Promise<number> {
  const going = book.list().filter(({ state }) => {
    if (state.phase === "paused") return endsByItself(state.cause);
    return !isSettled(state);
  });
  for (const { id } of going) {
    await book.apply(id, { type: "paused", cause: "user", error: null });
    await book.log(id, "warn", WORDS[doubt]);
  }
  return going.length;
}
