import { create } from "zustand";
import type { Client } from "#shared/client.ts";
import type { FollowView } from "#shared/follow.ts";

/** What is kept in sync; null until the host has answered. */
export const useFollowStore = create<{ readonly follows: readonly FollowView[] | null }>(() => ({
  follows: null,
}));

/** While the engine is away the bar above says so, and the next turn asks again. */
export async function loadFollows(client: Client): Promise<void> {
  try {
    useFollowStore.setState({ follows: await client.call("follow.list", null) });
  } catch {
    // What was known stays on screen.
  }
}
