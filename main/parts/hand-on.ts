import type { MoveObserver } from "./ports.ts";

/** Tells another observer everything: for those who hear of some of it themselves. */
export function handOn(observer: MoveObserver): MoveObserver {
  return {
    stage: (stage) => observer.stage(stage),
    started: (range) => observer.started(range),
    settled: (range) => observer.settled(range),
    done: (range, isKept) => observer.done(range, isKept),
    undone: (range) => observer.undone(range),
    movedTwice: (bytes) => observer.movedTwice(bytes),
    verified: (doneBytes) => observer.verified(doneBytes),
    retrying: (notice) => observer.retrying(notice),
    retried: (part) => observer.retried(part),
  };
}
