import type { MoveObserver, MoveTools } from "./ports.ts";

/** The same tools, and a count of the bytes that one item moved in vain. */
export function countTwice(tools: MoveTools): { tools: MoveTools; bytes: () => number } {
  let twiceBytes = 0;
  const { observer } = tools;
  const counting: MoveObserver = {
    stage: (stage) => observer.stage(stage),
    started: (range) => observer.started(range),
    settled: (range) => observer.settled(range),
    done: (range, isKept) => observer.done(range, isKept),
    undone: (range) => observer.undone(range),
    verified: (doneBytes) => observer.verified(doneBytes),
    retrying: (notice) => observer.retrying(notice),
    retried: (part) => observer.retried(part),
    movedTwice: (bytes) => {
      twiceBytes += bytes;
      observer.movedTwice(bytes);
    },
  };
  return { tools: { ...tools, observer: counting }, bytes: () => twiceBytes };
}
