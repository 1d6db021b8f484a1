import type { PackFormat } from "#shared/archive.ts";
import type { Destination } from "#shared/settings.ts";
import type { ConflictRule, TransferId } from "#shared/transfer.ts";
import type { Host } from "../host/host.ts";
import type { ObjectChoice } from "../object/object-draft.ts";
import type { MatchedDrop } from "./match-drop.ts";
import type { SendReport } from "./drop-sender.ts";
import type { UploadItem } from "./upload-plan.ts";
import { explainError } from "#shared/error-words.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { resumeDrop, sendDrop } from "./drop-sender.ts";
import { useDropStore } from "./drop-store.ts";
import { pagePort } from "./page-port.ts";
import { counted, refsOf, rootsOf, transferName } from "./upload-plan.ts";

export type UploadPlan = {
  readonly items: readonly UploadItem[];
  readonly destination: Destination;
  readonly onConflict: ConflictRule;
  /** As one object; only where `canPack`. */
  readonly archive: PackFormat | null;
  /** Over the profile's own. */
  readonly choice: ObjectChoice;
};

/** Queues what the host has, and queues and sends what the page has. @throws {LonghaulError} */
export async function startUpload(host: Host, plan: UploadPlan): Promise<void> {
  const { call } = host.client;
  const { items, destination, onConflict, archive } = plan;
  const { object, access } = plan.choice;
  const said = { ...(object && { object }), ...(access && { access }) };
  const packed = archive === null ? {} : { archive };
  const sources = refsOf(items);
  if (sources.length > 0) {
    await call("transfer.upload", { sources, destination, onConflict, ...packed, ...said });
  }
  const roots = rootsOf(items);
  if (roots.length === 0) return;
  const name = transferName(items.filter((item) => item.source.kind === "root"));
  const { id } = await call("transfer.drop", { destination, name, onConflict, ...packed, ...said });
  const drop = { id, roots, isPacked: archive !== null };
  followSending(id, (signal) => sendDrop(drop, pagePort(host), signal));
}

/** Goes on with what an earlier page began. */
export function continueDrop(host: Host, matched: MatchedDrop): void {
  const [id] = matched.ids;
  if (id === undefined) return;
  const { notify } = useNoticeStore.getState();
  notify(continuedWords(matched.arrivals.length));
  followSending(id, (signal) => resumeDrop(matched, pagePort(host), signal));
}

export function continuedWords(fileCount: number): string {
  const verb = fileCount === 1 ? "goes on where it stopped" : "go on where they stopped";
  return `${counted(fileCount, "file")} of this drop ${verb}.`;
}

/** While it goes on, leaving the page is asked about; at its end, what was left out is said. */
function followSending(id: TransferId, send: (signal: AbortSignal) => Promise<SendReport>): void {
  const change = (by: number) =>
    useDropStore.setState(({ sendingCount }) => ({ sendingCount: sendingCount + by }));
  const tell = (text: string) => useNoticeStore.getState().notify(text, "warn");
  change(1);
  send(new AbortController().signal)
    .then(
      (report) => {
        const text = reportWords(report);
        if (text !== null) tell(text);
      },
      (thrown: unknown) => {
        const { what, todo } = explainError(toErrorInfo(thrown));
        tell(`${what} ${todo}`);
      },
    )
    .finally(() => change(-1));
}

/** What a person has to know at the end; null when everything was sent. */
export function reportWords(report: SendReport): string | null {
  if (report.isSignedOut) {
    return "This page may not send any more. Open the address that Longhaul printed, and drop the files again: they go on where they stopped.";
  }
  if (report.refusal) {
    const { what, why } = explainError(report.refusal);
    return `${counted(report.refusedCount, "file")} of the drop could not be taken. ${what} ${why}`;
  }
  if (report.unreadableCount === 0) return null;
  const more = report.unreadableCount - report.unreadable.length;
  const names = report.unreadable.join(", ") + (more > 0 ? ` and ${more} more` : "");
  return `${counted(report.unreadableCount, "file")} could not be read, or changed since the drop, and stayed behind: ${names}.`;
}
