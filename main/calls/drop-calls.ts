import type { CallHandlers } from "#shared/contract.ts";
import type { Arrivals } from "../transfers/arrivals.ts";

type DropCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `drop.${string}`>>;

/** The calls with which a page says which files it is going to send. */
export function dropCalls(arrivals: Arrivals): DropCalls {
  return {
    "drop.match": async ({ files }) => arrivals.match(files),
    "drop.add": async ({ id, files }) => arrivals.add(id, files),
    "drop.leave": async ({ tickets }) => {
      await arrivals.leave(tickets);
      return null;
    },
    "drop.close": async ({ id }) => {
      await arrivals.close(id);
      return null;
    },
  };
}
