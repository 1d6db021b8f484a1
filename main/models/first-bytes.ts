/** A protobuf message that begins with its version, as every ONNX file does. */
export function isOnnx(bytes: Uint8Array): boolean {
  const [tag = 0, version = 0, next = 0] = bytes;
  // Field 1, a number; then the producer's name, the domain, or the graph itself.
  return (
    tag === 0x08 && version > 0 && version < 0x40 && [0x12, 0x1a, 0x22, 0x2a, 0x3a].includes(next)
  );
}

/** A zip archive, or a pickle of protocol 2 and later. */
export function isPyTorch(bytes: Uint8Array): boolean {
  const [one = 0, two = 0, three = 0, four = 0] = bytes;
  const isZip = one === 0x50 && two === 0x4b && three === 0x03 && four === 0x04;
  return isZip || (one === 0x80 && two >= 2 && two <= 5);
}
