/**
 * Lets `source` run up to `limit` values ahead of who takes them, in order. What the source throws
 * comes after the values before it. Whoever stops taking early aborts the source by its own signal.
 */
export async function* readAhead<T>(source: AsyncGenerator<T>, limit: number): AsyncGenerator<T> {
  // A generator queues what it is asked for, so asking ahead is all that is needed.
  const asked: Promise<IteratorResult<T>>[] = [];
  for (;;) {
    while (asked.length < limit) asked.push(askNext(source));
    const next = await asked.shift();
    if (!next || next.done) return;
    yield next.value;
  }
}

function askNext<T>(source: AsyncGenerator<T>): Promise<IteratorResult<T>> {
  const next = source.next();
  // It is awaited in its turn; until then a rejection is not an unhandled one.
  next.catch(() => undefined);
  return next;
}
