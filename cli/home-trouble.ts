import type { Client } from "#shared/client.ts";
import { homeTroubleWords } from "#shared/home-words.ts";

/**
 * Says when the list of transfers cannot be written, and when it can again: each once.
 *
 * @returns stops listening.
 */
export function tellHomeTrouble(client: Pick<Client, "onEvent">, tell: (line: string) => void) {
  let said: string | null = null;
  return client.onEvent((event) => {
    if (event.type !== "status") return;
    const words = event.homeTrouble === null ? null : homeTroubleWords(event.homeTrouble);
    if (words?.what === said || (words === null && said === null)) return;
    said = words?.what ?? null;
    tell(
      words === null
        ? "The list of transfers can be written again."
        : `${words.what} ${words.next}`,
    );
  });
}
