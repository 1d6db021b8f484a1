import type { HereState } from "#shared/library-here.ts";

/** What is here of several files that belong together, as the column shows it. */
export type Here =
  | { readonly kind: "here" | "no" | "unknown" }
  /** Bytes of the newer versions. */
  | { readonly kind: "newer"; readonly newerBytes: number }
  | { readonly kind: "part"; readonly percent: number }
  /** Of several that are each of use by themselves. */
  | { readonly kind: "some"; readonly hereCount: number; readonly count: number };

export type HereKnown = { readonly etag: string; readonly state: HereState };

type File = { readonly key: string; readonly etag: string; readonly sizeBytes: number };

/** Something of an earlier version says more than how much is missing. */
export function hereOf(files: readonly File[], states: ReadonlyMap<string, HereKnown>): Here {
  let [doneBytes, newerBytes, sizeBytes, hereCount] = [0, 0, 0, 0];
  for (const { key, etag, sizeBytes: bytes } of files) {
    const known = states.get(key);
    if (known?.etag !== etag) return { kind: "unknown" };
    const { state } = known;
    sizeBytes += bytes;
    doneBytes += state.doneBytes;
    if (state.state === "here") hereCount += 1;
    if (state.state === "newer") newerBytes += bytes;
  }
  if (files.length === 0) return { kind: "unknown" };
  if (hereCount === files.length) return { kind: "here" };
  if (newerBytes > 0) return { kind: "newer", newerBytes };
  if (doneBytes === 0) return { kind: "no" };
  return { kind: "part", percent: Math.min(99, Math.floor((100 * doneBytes) / sizeBytes)) };
}

/** `46 %`; of something there is always more than nothing. */
function percentWords(percent: number): string {
  return percent === 0 ? "under 1 %" : `${percent} %`;
}

/** As the column says it beside its sign; empty where the sign says it all. */
export function hereWords(here: Here): string {
  switch (here.kind) {
    case "here":
      return "Here";
    case "newer":
      return "Newer upstream";
    case "part":
      return percentWords(here.percent);
    case "some":
      return `${here.hereCount} of ${here.count} here`;
    case "no":
    case "unknown":
      return "";
    default:
      return here satisfies never;
  }
}

/** As a row's sentence says it; empty where nothing is to be said. */
export function hereSentence(here: Here): string {
  switch (here.kind) {
    case "here":
      return "here";
    case "newer":
      return "newer upstream";
    case "part":
      return `${percentWords(here.percent)} here`;
    case "some":
      return `${here.hereCount} of ${here.count} here`;
    case "no":
      return "not here";
    case "unknown":
      return "";
    default:
      return here satisfies never;
  }
}
