import { parentPort } from "node:worker_threads";

/** A thread of the tests: dies of the first order. */
parentPort?.on("message", () => {
  throw new Error("a bug in a thread");
});
