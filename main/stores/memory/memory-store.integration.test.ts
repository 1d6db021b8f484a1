import { describeStore } from "../store-suite.ts";
import { openHttpFace } from "./http-face.ts";
import { MemoryBucket } from "./memory-bucket.ts";
import { MemoryStore } from "./memory-store.ts";

describeStore("MemoryStore", async () => {
  const bucket = new MemoryBucket();
  const face = await openHttpFace(bucket);
  const store = new MemoryStore({ bucket, origin: face.origin, partsPerPage: 1 });
  return { store, keepsSha256: true, close: async () => face.close() };
});
