import { handOn } from "./hand-on.ts";
import type { MoveObserver, MoveTools } from "./ports.ts";

/** The same tools, and a count of the bytes that one item moved in vain. */
export function countTwice(tools: MoveTools): { tools: MoveTools; bytes: () => number } {
  let twiceBytes = 0;
  const { observer } = tools;
  const counting: MoveObserver = {
    ...handOn(observer),
    movedTwice: (bytes) => {
      twiceBytes += bytes;
      observer.movedTwice(bytes);
    },
  };
  return { tools: { ...tools, observer: counting }, bytes: () => twiceBytes };
}
