import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { toErrorInfo } from "#shared/errors.ts";
import { openJournalFile } from "./journal-file.ts";
import type { LinkReply, LinkRequest } from "./journal-link.ts";
import { JournalServer } from "./journal-server.ts";

/** Between slices of deleting, so that commits go in between. */
const SWEEP_PAUSE_MS = 50;

/** Without a commit for so long, the write-ahead log is folded into the file. */
const IDLE_MS = 2000;
/** Also while it is never idle. */
const TIDY_EVERY_MS = 3_600_000;

const JournalWorkerData = z.strictObject({ path: z.string(), nowMs: z.number() });

/** The journal's thread: one file, orders one after the other. */
function serve(): void {
  const port = parentPort;
  if (port === null) throw new Error("journal-worker.ts runs as a worker thread only");
  const reply = (message: LinkReply): void => port.postMessage(message);
  const { path, nowMs } = JournalWorkerData.parse(workerData);
  // Electron's file system shows archives as folders; ours are plain files.
  Object.assign(process, { noAsar: true });

  const server = open(path, nowMs, reply);
  if (server === null) return port.close();
  let sweeping: NodeJS.Timeout | null = null;
  const sweepLater = (): void => {
    sweeping ??= setTimeout(() => {
      sweeping = null;
      if (server.sweep()) sweepLater();
    }, SWEEP_PAUSE_MS);
  };
  let idling: NodeJS.Timeout | undefined;
  const tidyLater = (): void => {
    clearTimeout(idling);
    idling = setTimeout(() => server.tidy(), IDLE_MS);
  };
  const tidying = setInterval(() => server.tidy(), TIDY_EVERY_MS);
  sweepLater();
  port.on("message", (request: LinkRequest) => {
    switch (request.kind) {
      case "commit":
        reply({ kind: "committed", id: request.id, committed: server.commitAll(request.calls) });
        tidyLater();
        if (request.calls.flat().some((change) => change.type === "transfer-removed")) sweepLater();
        break;
      case "ask":
        reply(answerOrRefuse(server, request));
        break;
      case "close":
        if (sweeping !== null) clearTimeout(sweeping);
        clearTimeout(idling);
        clearInterval(tidying);
        server.close();
        reply({ kind: "closed" });
        port.close();
        break;
    }
  });
}

function open(
  path: string,
  nowMs: number,
  reply: (message: LinkReply) => void,
): JournalServer | null {
  try {
    const file = openJournalFile(path, nowMs);
    reply({
      kind: "opened",
      recoveredFrom: file.recoveredFrom,
      isOldCopy: file.isOldCopy,
      isReadOnly: file.isReadOnly,
    });
    return new JournalServer(file);
  } catch (error) {
    reply({ kind: "not-opened", error: toErrorInfo(error) });
    return null;
  }
}

function answerOrRefuse(
  server: JournalServer,
  { id, question }: Extract<LinkRequest, { kind: "ask" }>,
): LinkReply {
  try {
    return { kind: "answered", id, answer: server.ask(question) };
  } catch (error) {
    return { kind: "refused", id, error: toErrorInfo(error) };
  }
}

serve();
