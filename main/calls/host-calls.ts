import type { CallHandlers } from "#shared/contract.ts";
import type { Diagnostics } from "../diagnostics.ts";
import type { EngineHost } from "../engine-host.ts";
import type { ItemRow, Journal } from "../transfers/journal.ts";
import type { TransferBook } from "../transfers/transfer-book.ts";
import type { DownloadSpec } from "../transfers/transfer-spec.ts";
import { dirname, join } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { findAt } from "../disk/stat-file.ts";
import { logPathOf } from "../log-file.ts";
import { isPrefix } from "../transfers/item-names.ts";
import { DownloadSource } from "../transfers/item-record.ts";

type HostCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `host.${string}`>>;

type OwnHost = Pick<EngineHost, "info" | "pick" | "showInFolder" | "saveText">;

/** What leads to the log and the diagnostics, wherever the engine is. */
export function helpCalls(
  host: OwnHost,
  diagnose: () => Promise<Diagnostics>,
): Pick<HostCalls, "host.openLogs" | "host.diagnostics" | "host.saveDiagnostics"> {
  return {
    "host.openLogs": async () => {
      await host.showInFolder(logPathOf(host.info.home));
      return null;
    },
    "host.diagnostics": diagnose,
    "host.saveDiagnostics": async () => {
      const { fileName, text } = await diagnose();
      return await host.saveText(fileName, text);
    },
  };
}

/** Refuses a path that is no copy's: a page names paths, and only these are its business. */
export function refuseNoCopy(isCopy: boolean): void {
  if (!isCopy) throw new LonghaulError("invalid", "there is no such copy in the cache");
}

/** The calls that the host itself answers. */
export function hostCalls(
  host: OwnHost,
  book: Pick<TransferBook, "get">,
  journal: Pick<Journal, "items" | "entriesAt">,
  diagnose: () => Promise<Diagnostics>,
): HostCalls {
  return {
    ...helpCalls(host, diagnose),
    "host.info": async () => host.info,
    "host.pick": async ({ kind, title }) => [...(await host.pick(kind, title))],
    "host.showInFolder": async ({ id }) => {
      const { spec } = book.get(id);
      if (spec.kind !== "download") return null;
      const [first] = await journal.items({ transferId: id, limit: 1 });
      const path = join(spec.folder, first ? placeOf(spec, first) : "");
      await host.showInFolder((await isThere(path)) ? path : spec.folder);
      return null;
    },
    "host.showCopy": async ({ path }) => {
      refuseNoCopy((await journal.entriesAt([path])).length > 0);
      await host.showInFolder((await isThere(path)) ? path : dirname(path));
      return null;
    },
  };
}

/** Below the folder: of a prefix the folder it has to itself, else the first file as it was named here. */
function placeOf({ keys, contentsOnly }: DownloadSpec, first: ItemRow): string {
  const { data } = DownloadSource.safeParse(first.source);
  const path = data?.path ?? "";
  if (!isPrefix(keys[0] ?? "")) return path;
  return contentsOnly ? "" : (path.split("/")[0] ?? "");
}

async function isThere(path: string): Promise<boolean> {
  return (await findAt(path).catch(() => undefined)) !== undefined;
}
