import type { Client } from "#shared/client.ts";
import type { ConflictAnswer, TransferView } from "#shared/transfer.ts";
import { showName } from "./quote.ts";
import type { Terminal } from "./terminal.ts";

const ANSWERS: Readonly<Record<string, ConflictAnswer>> = {
  r: "replace",
  k: "keep-both",
  s: "skip",
};

/** Names at most this many of the items that wait. */
const NAMED = 5;

/** Asks a person what to do with the items that wait, until there is an answer, and passes it on. @returns false when none waits any more. */
export async function answerConflicts(
  client: Client,
  view: TransferView,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  const { id } = view;
  const page = await client.call("transfer.items", {
    id,
    offset: 0,
    limit: NAMED,
    phases: ["asking"],
  });
  if (page.total === 0) return false;
  const names = page.items.map((item) => showName(item.name)).join(", ");
  const others =
    page.total > page.items.length ? ` and ${page.total - page.items.length} more` : "";
  terminal.err(`Other content is already there: ${names}${others}`);
  for (;;) {
    const typed = await terminal.ask(
      "[r]eplace, [k]eep both, [s]kip (capital: all that follow) ",
      signal,
    );
    const answer = ANSWERS[typed.toLowerCase()];
    if (answer === undefined) continue;
    const forAll = typed !== typed.toLowerCase();
    await client.call("transfer.answer", { id, answer, forAll });
    return true;
  }
}
