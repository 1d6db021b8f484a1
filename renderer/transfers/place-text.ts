import type { HostInfo } from "#shared/contract.ts";
import type { Place, TransferView } from "#shared/transfer.ts";
import { homePath } from "../common/home-path.ts";
import { shellWord } from "../common/shell-word.ts";

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

/** What a row shows of a place: the transfer's own name is there already, so only what is around it. */
export function routeText(place: Place, name: string, host: HomeOf): string {
  if (place.kind === "drop") return placeText(place, host);
  if (place.kind === "local") return homePath(around(place.path, name) || place.path, host);
  const folder = around(place.key, name);
  return folder === "" ? place.bucket : `${place.bucket}/${folder}`;
}

/** A path or key without its last part, where that is the name. */
function around(path: string, name: string): string {
  const bare = path.replace(/[/\\]$/, "");
  return lastPart(bare) === name ? bare.slice(0, Math.max(0, bare.length - name.length - 1)) : bare;
}

function lastPart(path: string): string {
  const bare = path.replace(/[/\\]$/, "");
  return bare.slice(Math.max(bare.lastIndexOf("/"), bare.lastIndexOf("\\")) + 1);
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

type Transfer = Pick<TransferView, "from" | "to" | "name" | "itemCount"> &
  Partial<Pick<TransferView, "archive" | "unpack" | "sync" | "contentsOnly" | "isParticular">>;

/**
 * The same transfer as one line of a shell. The command copies a folder's contents, so a folder's name
 * is put to the destination. Null where there is no such line: files of a browser, several sources,
 * a sync, and what was wished for in more words than are known here.
 */
export function commandOf(transfer: Transfer): string | null {
  const { from, to, name, sync, isParticular } = transfer;
  const source = addressOf(from);
  const target = addressOf(to);
  const remote = remoteOf({ from, to });
  if (source === null || target === null || remote === null || lastPart(source) !== name)
    return null;
  if (sync !== undefined || isParticular === true) return null;
  const words = wordsOf(transfer, source, target);
  return ["longhaul", ...words, "--profile", remote.profileName].map(shellWord).join(" ");
}

function wordsOf(transfer: Transfer, source: string, target: string): readonly string[] {
  const { archive, unpack } = transfer;
  if (archive !== undefined) return ["cp", "--archive", archive, source, target];
  if (unpack === undefined) return ["cp", source, destinationOf(transfer, source, target)];
  const method = unpack.method === "auto" ? [] : ["--method", unpack.method];
  const folder = target.endsWith("/") ? target : `${target}/`;
  return ["get", source, folder, `--unpack=${unpack.destination}`, ...method];
}

function destinationOf(
  { to, name, itemCount, contentsOnly }: Transfer,
  source: string,
  target: string,
): string {
  // The object has another name than the file.
  if (to.kind === "s3" && !target.endsWith("/")) return target;
  const folder = target.endsWith("/") ? target : `${target}/`;
  if (contentsOnly === true) return folder;
  if (source.endsWith("/") || itemCount > 1) return `${folder}${name}/`;
  // Whether this is a file or a folder that holds one: it gets its own name.
  return to.kind === "s3" ? `${folder}${name}` : folder;
}
