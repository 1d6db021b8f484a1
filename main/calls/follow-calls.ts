import { dirname } from "node:path";
import type { CallHandlers } from "#shared/contract.ts";
import type { Clock } from "../flow/clock.ts";
import type { FollowBook } from "../transfers/follow-book.ts";
import type { FollowKeeper } from "../transfers/follow-keeper.ts";
import type { Resolve } from "./to-spec.ts";
import { makeNamedFolder } from "./transfer-calls.ts";

type FollowCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `follow.${string}`>>;

/** The calls about what follows its source. */
export function followCalls(ports: {
  readonly follows: FollowBook;
  readonly keeper: Pick<FollowKeeper, "isRunning">;
  readonly clock: Clock;
  readonly resolve: Resolve;
}): FollowCalls {
  const { follows, keeper, clock, resolve } = ports;
  return {
    "follow.list": async () =>
      follows.list().map((one) => ({ ...one, isRunning: keeper.isRunning(one.id) })),
    "follow.set": async ({ folder, ...followed }) => {
      const path = await resolve(folder, "write");
      // The folder that downloads go to is there only since the first one; this may be before it.
      await makeNamedFolder(dirname(path));
      await makeNamedFolder(path);
      return { id: follows.set({ ...followed, folder: path }, clock.wallMs()) };
    },
    "follow.remove": async ({ id }) => {
      follows.remove(id);
      return null;
    },
  };
}
