import type { CallHandlers } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";

type CacheCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `cache.${string}`>>;

/** The calls about what of buckets is on this machine. */
export function cacheCalls(): CacheCalls {
  const later = async () => {
    throw new LonghaulError("unsupported", "the cache is not built yet");
  };
  return {
    "cache.folders": later,
    "cache.addFolder": later,
    "cache.setFolder": later,
    "cache.removeFolder": later,
    "cache.list": later,
    "cache.pin": later,
    "cache.forget": later,
    "cache.verify": later,
    "cache.repair": later,
    "cache.work": later,
    "cache.stopWork": later,
    "cache.preview": later,
    "cache.free": later,
  };
}
