/** Order of keys in S3: by the bytes of UTF-8, which is not the order of JavaScript's strings. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
