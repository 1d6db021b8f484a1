/** Unpacks what it is told to, until somebody kills it: `node unpack-child.ts ARCHIVE DESTINATION`. */
import { startUnpacking } from "./start-unpacking.ts";
import { DEFAULT_LIMITS } from "./unpack-order.ts";

const [archivePath = "", destination = ""] = process.argv.slice(2);
const order = {
  id: "child-1",
  archivePath,
  archiveName: "archive.tar",
  destination,
  method: "auto" as const,
  links: "skip" as const,
  limits: DEFAULT_LIMITS,
  availableBytes: null,
};
await startUnpacking(order, new AbortController().signal).done;
