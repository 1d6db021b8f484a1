/** Threads in which libuv does the calls for files and names: unpackings flush in up to 64 of them. */
const THREADS = 96;

/**
 * Called first by a program: libuv takes as many threads as it finds asked for when it first needs
 * one. With its usual four, one slow disk would hold up every other call.
 */
export function widenThreadPool(): void {
  process.env["UV_THREADPOOL_SIZE"] ??= String(THREADS);
}
