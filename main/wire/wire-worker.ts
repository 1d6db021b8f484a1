import { parentPort, workerData } from "node:worker_threads";
import { OrderDesk } from "./order-desk.ts";
import type { Message, Reply, WorkerSetup } from "./orders.ts";

// Electron's fs would take a file named `*.asar` for a folder.
Object.assign(process, { noAsar: true });

const setup: WorkerSetup = workerData;
let replies: Reply[] = [];

/** All that ends within one turn of the loop goes in one message. */
function reply(outcome: Reply): void {
  if (replies.length === 0) setImmediate(post);
  replies.push(outcome);
}

function post(): void {
  parentPort?.postMessage(replies, []);
  replies = [];
}

const desk = new OrderDesk(setup, reply);
parentPort?.on("message", (messages: readonly Message[]) => {
  for (const message of messages) desk.take(message);
});
