/** Yields what is sent in place of a block of a body; throws once the connection is broken. */
export type Tamper = (block: Buffer) => AsyncIterable<Buffer>;
