import type { CallHandlers } from "#shared/contract.ts";
import type { EngineHost } from "../engine-host.ts";
import type { TransferBook } from "../transfers/transfer-book.ts";
import { join } from "node:path";
import { findAt } from "../disk/stat-file.ts";
import { downloadName, isPrefix } from "../transfers/item-names.ts";

type HostCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `host.${string}`>>;

/** The calls that the host itself answers. */
export function hostCalls(host: EngineHost, book: TransferBook): HostCalls {
  return {
    "host.info": async () => host.info,
    "host.pick": async ({ kind, title }) => [...(await host.pick(kind, title))],
    "host.showInFolder": async ({ id }) => {
      const { spec } = book.get(id);
      if (spec.kind !== "download") return null;
      const [first = ""] = spec.keys;
      const name = isPrefix(first) ? "" : downloadName(spec, first, first);
      const path = join(spec.folder, name);
      await host.showInFolder((await findAt(path)) ? path : spec.folder);
      return null;
    },
  };
}
