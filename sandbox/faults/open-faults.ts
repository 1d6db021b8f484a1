import { readFileSync } from "node:fs";
import { FaultScript } from "#shared/fault-script.ts";
import type { Options } from "../options.ts";
import { openFaultControl } from "./control-server.ts";
import { FaultBook } from "./fault-book.ts";

/** The faults that this server was started with; undefined where it was started without. */
export async function openFaults({
  faultsFile,
  faultSocket,
}: Options): Promise<FaultBook | undefined> {
  if (faultsFile === undefined && faultSocket === undefined) return undefined;
  const given: unknown =
    faultsFile === undefined ? {} : JSON.parse(readFileSync(faultsFile, "utf8"));
  const book = new FaultBook(FaultScript.parse(given));
  if (faultSocket !== undefined) await openFaultControl(faultSocket, book);
  return book;
}
