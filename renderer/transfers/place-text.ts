import type { HostInfo } from "#shared/contract.ts";
import type { Place, TransferView } from "#shared/transfer.ts";
import { homePath } from "../common/home-path.ts";

type HomeOf = Pick<HostInfo, "userFolder" | "pathSeparator"> | null;

/** Where bytes come from or go to, in a row: a folder, or a bucket with its prefix. */
export function placeText(place: Place, host: HomeOf): string {
  switch (place.kind) {
    case "local":
      return homePath(place.path, host);
    case "drop":
      return "this browser";
    case "s3":
      return place.key === "" ? place.bucket : `${place.bucket}/${place.key}`;
    default:
      return place satisfies never;
  }
}

/** What the row shows of it: the name is there already, so only what is around it. */
export function routeText(place: Place, host: HomeOf): string {
  if (place.kind === "drop") return placeText(place, host);
  if (place.kind === "s3") {
    const folder = parentOf(place.key.replace(/\/$/, ""), "/");
    return folder === "" ? place.bucket : `${place.bucket}/${folder}`;
  }
  return homePath(parentOf(place.path, host?.pathSeparator ?? "/") || place.path, host);
}

function parentOf(path: string, separator: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf(separator)));
}

/** As other programs take it: `s3://bucket/key`, or the path. Null for what is only in a browser. */
export function addressOf(place: Place): string | null {
  if (place.kind === "drop") return null;
  return place.kind === "s3" ? `s3://${place.bucket}/${place.key}` : place.path;
}

/** The end that is in a bucket. */
export function remoteOf(
  view: Pick<TransferView, "from" | "to">,
): Extract<Place, { kind: "s3" }> | null {
  if (view.to.kind === "s3") return view.to;
  return view.from.kind === "s3" ? view.from : null;
}

/** The same transfer as one line of a shell. Null where the source is only in a browser. */
export function commandOf(view: Pick<TransferView, "from" | "to">): string | null {
  const from = addressOf(view.from);
  const to = addressOf(view.to);
  const remote = remoteOf(view);
  if (from === null || to === null || remote === null) return null;
  return `longhaul cp ${quote(from)} ${quote(to)} --profile ${quote(remote.profileName)}`;
}

/** Quoted where a POSIX shell would read more into it. */
function quote(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
