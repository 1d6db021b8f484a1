import type { IpcMain, IpcMainInvokeEvent, WebContents } from "electron";
import { z } from "zod";
import type { Reply } from "#shared/client.ts";
import type { CallHandlers, HostEvent, Picked } from "#shared/contract.ts";
import { dispatch } from "#shared/dispatch.ts";
import { APP_ORIGIN, CALL_CHANNEL, EVENT_CHANNEL, GRANT_CHANNEL } from "./channels.ts";

const DroppedPaths = z.array(z.string().min(1).max(32_768)).max(10_000);

/** Answers the contract's calls over the one channel windows may use. */
export function serveCalls(
  ipcMain: Pick<IpcMain, "handle">,
  handlers: CallHandlers,
  isTrusted: (event: IpcMainInvokeEvent) => boolean,
): void {
  ipcMain.handle(CALL_CHANNEL, async (event, name: unknown, input: unknown): Promise<Reply> => {
    if (!isTrusted(event) || typeof name !== "string") return refuse();
    return await dispatch(handlers, name, input);
  });
}

/** Gives handles for what a person dropped. */
export function serveGrants(
  ipcMain: Pick<IpcMain, "handle">,
  grant: (path: string) => Promise<Picked | null>,
  isTrusted: (event: IpcMainInvokeEvent) => boolean,
): void {
  ipcMain.handle(GRANT_CHANNEL, async (event, rawPaths: unknown): Promise<readonly Picked[]> => {
    const paths = DroppedPaths.safeParse(rawPaths);
    if (!isTrusted(event) || !paths.success) return [];
    const picked = await Promise.all(paths.data.map(grant));
    return picked.filter((each) => each !== null);
  });
}

/** Sends the engine's events to the window while it is there. */
export function forwardEvents(
  onEvent: (listener: (event: HostEvent) => void) => () => void,
  contents: Pick<WebContents, "send" | "isDestroyed">,
): () => void {
  return onEvent((event) => {
    if (!contents.isDestroyed()) contents.send(EVENT_CHANNEL, event);
  });
}

/** The top frame of our own window showing our own page; no frame in it, no other window. */
export function isOwnPage(
  event: Pick<IpcMainInvokeEvent, "sender" | "senderFrame">,
  contents: WebContents,
): boolean {
  const frame = event.senderFrame;
  if (frame === null || event.sender !== contents || frame !== contents.mainFrame) return false;
  return frame.url === APP_ORIGIN || frame.url.startsWith(`${APP_ORIGIN}/`);
}

function refuse(): Reply {
  return { ok: false, error: { code: "invalid", message: "foreign frame", details: {} } };
}
