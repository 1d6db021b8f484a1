import { expect, it } from "vitest";
import { createClient } from "#shared/client.ts";
import { TransferId } from "#shared/transfer.ts";
import { followTransfers } from "./follow-transfers.ts";

it("ends at once when it is stopped, also while the engine does not answer", async () => {
  const client = createClient({
    call: () => new Promise(() => undefined),
    onEvent: () => () => undefined,
  });
  const follower = { onViews: () => undefined, onAsking: async () => false };
  const stopping = new AbortController();
  const id = TransferId.parse("00000000-0000-4000-8000-000000000001");
  const following = followTransfers(client, [id], follower, stopping.signal);
  stopping.abort();
  await expect(following).rejects.toMatchObject({ name: "AbortError" });
});
