import type { Client } from "#shared/client.ts";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import { LonghaulError } from "#shared/errors.ts";
import { formatBytes } from "#shared/format.ts";
import type { CommandContext } from "../context.ts";
import { formatPlace } from "../copy-result.ts";
import { showName } from "../quote.ts";
import type { Session } from "../session.ts";
import { plainSession, withSession } from "../session.ts";

/** What can be done with a transfer; of a move, where to. */
export type QueueChange =
  | { readonly act: "pause" | "resume" }
  | { readonly act: "cancel"; readonly keepParts: boolean }
  | { readonly act: "move"; readonly to: "top" | "up" | "down" | "bottom" };

type Output = { readonly json: boolean };

/** As many characters of an id as a person wants to type; a list never shows fewer. */
const SHORT_ID = 8;

/** `longhaul queue ls`: everything that is not cleared away, in queue order. */
export async function listQueue(flags: Output, context: CommandContext): Promise<number> {
  return withQueue(context, async ({ client }) => {
    const all = await client.call("transfer.list", null);
    for (const view of all) show(view, flags, context);
    if (all.length === 0) context.terminal.err("No transfers are here.");
    return 0;
  });
}

/** `longhaul queue pause|resume|cancel|move ID…`: what has settled stays as it is. */
export async function changeQueue(
  prefixes: readonly string[],
  change: QueueChange,
  flags: Output,
  context: CommandContext,
): Promise<number> {
  return withQueue(context, async (session) => {
    const { client } = session;
    const all = await client.call("transfer.list", null);
    // All are found before one is changed.
    const ids = prefixes.map((prefix) => findOne(all, prefix).id);
    for (const id of ids) await apply(client, id, change);
    await showAfter(session, ids, flags, context);
    if (change.act === "resume") sayWho(session, context);
    if (change.act === "cancel") await sayLeft(client, ids, context);
    return 0;
  });
}

/** `longhaul queue pause|resume --all` */
export async function changeWholeQueue(
  act: "pause" | "resume",
  flags: Output,
  context: CommandContext,
): Promise<number> {
  return withQueue(context, async (session) => {
    await session.client.call(act === "pause" ? "transfer.pauseAll" : "transfer.resumeAll", null);
    if (act === "resume") sayWho(session, context);
    for (const view of await session.client.call("transfer.list", null)) {
      if (!isSettled(view)) show(view, flags, context);
    }
    return 0;
  });
}

/** @throws {LonghaulError} `invalid` when it begins no id, or several. */
export function findOne(views: readonly TransferView[], prefix: string): TransferView {
  const wanted = prefix.toLowerCase();
  const found = views.filter(({ id }) => wanted !== "" && id.startsWith(wanted));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const quoted = JSON.stringify(prefix);
  throw new LonghaulError(
    "invalid",
    only === undefined
      ? `no transfer's id begins with ${quoted}; \`longhaul queue ls\` lists them`
      : `${found.length} transfers' ids begin with ${quoted}; type more of it`,
  );
}

async function apply(client: Client, id: TransferId, change: QueueChange): Promise<void> {
  switch (change.act) {
    case "pause":
      await client.call("transfer.pause", { id });
      return;
    case "resume":
      await client.call("transfer.resume", { id });
      return;
    case "cancel":
      await client.call("transfer.cancel", { id, keepParts: change.keepParts });
      return;
    case "move":
      await client.call("transfer.move", { id, to: change.to });
      return;
    default:
      change satisfies never;
  }
}

async function showAfter(
  { client }: Session,
  ids: readonly TransferId[],
  flags: Output,
  context: CommandContext,
): Promise<void> {
  const after = await client.call("transfer.list", null);
  for (const view of after.filter(({ id }) => ids.includes(id))) show(view, flags, context);
}

/** This process ends, and with it an engine that it had to start. */
function sayWho({ isAttached }: Session, { terminal }: CommandContext): void {
  if (isAttached()) return;
  terminal.err("Longhaul does not run; it goes on when a window or `longhaul serve` is started.");
}

/** A store that is away, or whose keys only another command has, still holds what it was sent. */
async function sayLeft(
  client: Client,
  ids: readonly TransferId[],
  { terminal }: CommandContext,
): Promise<void> {
  const unfinished = await client.call("transfer.unfinished", null);
  const left = unfinished.filter(({ id, isRemoving }) => isRemoving && ids.includes(id));
  if (left.length === 0) return;
  const names = left.map(({ name }) => showName(name)).join(", ");
  terminal.err(
    `Not removed from the store yet: ${names}. A window, \`longhaul serve\` or the next command with its keys does it.`,
  );
}

function show(view: TransferView, { json }: Output, { terminal }: CommandContext): void {
  terminal.out(json ? JSON.stringify({ type: "transfer", ...view }) : rowOf(view));
}

/** `4f9a0b1e  running 12 % of 60.0 GB   checkpoint to s3://lab/m/` */
function rowOf(view: TransferView): string {
  const { id, name, to } = view;
  const place = `${showName(name)} to ${showName(formatPlace(to))}`;
  return `${id.slice(0, SHORT_ID)}  ${stateOf(view).padEnd(32)}  ${place}`;
}

function stateOf({ state, doneBytes, totalBytes, isListing }: TransferView): string {
  const size = formatBytes(totalBytes, "decimal");
  if (state.phase === "done") return `done, ${size}`;
  const percent = totalBytes === 0 ? 0 : Math.floor((doneBytes * 100) / totalBytes);
  const share = isListing ? ` of ~${size}` : ` ${percent} % of ${size}`;
  const why = whyOf(state);
  return `${state.phase}${why === null ? "" : ` (${why})`}${totalBytes === 0 ? "" : share}`;
}

function whyOf(state: TransferView["state"]): string | null {
  if (state.phase === "running" && state.activity.kind === "stalled") {
    return state.activity.retry?.error.code ?? null;
  }
  if (state.phase === "failed") return state.error.code;
  if (!("cause" in state)) return null;
  return state.cause === "crashed" ? "after a crash, goes on by itself" : state.cause;
}

function isSettled({ state }: TransferView): boolean {
  return state.phase === "done" || state.phase === "failed" || state.phase === "canceled";
}

function withQueue(
  context: CommandContext,
  run: (session: Session) => Promise<number>,
): Promise<number> {
  return withSession(context.openEngine, plainSession("queue"), run);
}
