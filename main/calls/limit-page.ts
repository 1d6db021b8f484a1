import type { CallHandlers, HostInfo } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import type { ItemView } from "#shared/transfer.ts";
import { isInside } from "../disk/is-below.ts";
import { MADE_OF, MADE_OF_SOME } from "../transfers/item-notes.ts";
import type { Resolve } from "./to-spec.ts";

/**
 * Refuses what would lead a page in a browser out of the folders that its host lets it touch, and
 * names no path that was looked at on the way. A desktop, and a page that may touch everything, are
 * not limited.
 */
export function limitPage(
  { kind, roots }: Pick<HostInfo, "kind" | "roots">,
  resolve: Resolve,
  handlers: CallHandlers,
): CallHandlers {
  if (kind !== "web" || roots.includes("/")) return handlers;
  /** With their links followed, as paths are when they are kept. */
  const realRoots = async (): Promise<string[]> => {
    const asked = roots.map((path) => resolve({ path }, "write").catch(unlessDenied));
    return (await Promise.all(asked)).filter((root) => root !== null);
  };
  const cacheFolders = async (): Promise<string[]> =>
    (await handlers["cache.folders"](null)).map(({ path }) => path);
  return {
    ...handlers,
    "cache.list": async (request) =>
      await handlers["cache.list"]({ ...request, below: await realRoots() }),
    "library.here": async (request) => {
      const seen = [...(await realRoots()), ...(await cacheFolders())];
      const isSeen = (path: string) => seen.some((folder) => isInside(folder, path));
      const found = await handlers["library.here"](request);
      return found.map((here) =>
        here.path === null || isSeen(here.path) ? here : { ...here, path: null },
      );
    },
    "transfer.items": async (request) => {
      const page = await handlers["transfer.items"](request);
      return { ...page, items: page.items.map(withoutCopy) };
    },
    "transfer.upload": async (request) => {
      if (request.followSymlinks) throw linksLeadOut();
      return await handlers["transfer.upload"](request);
    },
    "cache.repair": async (request) => {
      // Whoever names a file has it repaired even if it was written to.
      const paths = new Set(request.ids?.map(({ path }) => path));
      const folders = await cacheFolders();
      for (const path of paths) {
        if (!folders.some((folder) => isInside(folder, path))) await resolve({ path }, "write");
      }
      return await handlers["cache.repair"](request);
    },
  };
}

/** It may have been made of a copy anywhere. */
function withoutCopy(item: ItemView): ItemView {
  if (item.receipt === null) return item;
  const notes = item.receipt.notes.map((note) => (note.startsWith(MADE_OF) ? MADE_OF_SOME : note));
  return { ...item, receipt: { ...item.receipt, notes } };
}

/** What is below such a root is not for the page either. */
function unlessDenied(error: unknown): null {
  if (error instanceof LonghaulError) return null;
  throw error;
}

function linksLeadOut(): LonghaulError {
  return new LonghaulError(
    "path-denied",
    "links may lead out of what this page may see: they cannot be followed from here",
    { details: { cause: "--root" } },
  );
}
