import type { Socket } from "node:net";

/** How long an answer may take that explains why the other side stopped reading. */
const LAST_WORDS_MS = 2_000;

/** What a Writable calls to write: Node's own names, kept apart from ours. */
const WRITE_ONE = "_write";
const WRITE_MANY = "_writev";

/**
 * A server that refuses a body answers and then closes. The write that fails may come first and
 * would hide the answer, so it is held back while the socket can still be read.
 */
export function holdWriteErrors(socket: Socket): void {
  const write = socket[WRITE_ONE].bind(socket);
  socket[WRITE_ONE] = (chunk: unknown, encoding, done) => {
    write(chunk, encoding, holding(socket, done));
  };
  const writeMany = socket[WRITE_MANY]?.bind(socket);
  if (writeMany === undefined) return;
  socket[WRITE_MANY] = (chunks, done) => {
    writeMany(chunks, holding(socket, done));
  };
}

type WriteDone = (error?: Error | null) => void;

function holding(socket: Socket, done: WriteDone): WriteDone {
  return (error) => {
    if (!error) return done();
    const timer = setTimeout(() => done(error), LAST_WORDS_MS).unref();
    socket.once("close", () => clearTimeout(timer));
  };
}
