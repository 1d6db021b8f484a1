import { useEffect } from "react";
import type { TransferId } from "#shared/transfer.ts";
import type { Destination } from "#shared/settings.ts";
import type { Host } from "../host/host.ts";
import type { DropRoot } from "./walk-entries.ts";
import { FolderDialog } from "../folder/folder-dialog.tsx";
import { pickPlaces } from "../folder/folder-store.ts";
import { useHost } from "../host/host.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { DropOverlay, placeUnder } from "./drop-overlay.tsx";
import { dropPlaces, firstDestination } from "./drop-places.ts";
import { askAbout, useDropStore } from "./drop-store.ts";
import { matchDrop } from "./match-drop.ts";
import { continueDrop } from "./start-upload.ts";
import { UploadSheet } from "./upload-sheet.tsx";
import { itemOfPicked, itemOfRoot } from "./upload-plan.ts";
import { useWindowDrag } from "./use-window-drag.ts";
import { rootsOfDrop } from "./walk-entries.ts";

/** Takes what is dropped on the window, and asks where it goes. */
export function DropLayer() {
  const host = useHost();
  const draggedCount = useDropStore((state) => state.draggedCount);
  const sheet = useDropStore((state) => state.sheet);
  useWantedUpload(host);
  useLeaveGuard();
  useWindowDrag({
    onDrag: (count) => {
      if (count !== useDropStore.getState().draggedCount) {
        useDropStore.setState({ draggedCount: count });
      }
    },
    onEnd: () => useDropStore.setState({ draggedCount: null }),
    onDrop: (data, target) => takeDrop(host, data, target),
  });
  return (
    <>
      {draggedCount !== null && <DropOverlay count={draggedCount} places={currentPlaces()} />}
      {sheet && <UploadSheet items={sheet.items} destination={sheet.destination} />}
      <FolderDialog />
    </>
  );
}

/** "New" and "Upload here" choose files without dragging. */
function useWantedUpload(host: Host): void {
  const wanted = useScreenStore((state) => state.wantedUpload);
  const info = useStatusStore((state) => state.host);
  useEffect(() => {
    if (wanted === null) return;
    useScreenStore.getState().wantUpload(null);
    const title = info?.canPick ? "Upload" : "Files on this machine";
    // Our own dialog takes files and folders alike.
    const kind = info?.canPick ? wanted : "files";
    void pickPlaces(host.client, info, kind, title).then((picked) =>
      askAbout(picked.map(itemOfPicked), currentDestination()),
    );
  }, [wanted, host, info]);
}

/** The browser asks before a page goes whose bytes are still on the way. */
function useLeaveGuard(): void {
  const isSending = useDropStore((state) => state.sendingCount > 0);
  useEffect(() => {
    if (!isSending) return undefined;
    const hold = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", hold);
    return () => window.removeEventListener("beforeunload", hold);
  }, [isSending]);
}

/** Reads the event's files at once: after it, they are gone. */
function takeDrop(host: Host, data: DataTransfer, target: Element | null): void {
  const at = Number(placeUnder(target) ?? Number.NaN);
  const destination = currentPlaces()[at]?.destination ?? currentDestination();
  if (host.arrival.kind === "handles") {
    void host.arrival
      .grantFiles([...data.files])
      .then((picked) => askAbout(picked.map(itemOfPicked), destination));
  } else {
    void takeRoots(host, rootsOfDrop(data.items), destination);
  }
}

/** What an earlier page left half sent goes on by itself; the sheet asks about the rest. */
async function takeRoots(
  host: Host,
  roots: readonly DropRoot[],
  destination: Destination | null,
): Promise<void> {
  let fresh = roots;
  if (isDropUnfinished()) {
    try {
      const port = { call: host.client.call, isPacked };
      const matched = await matchDrop(roots, port, new AbortController().signal);
      continueDrop(host, matched);
      fresh = matched.fresh;
    } catch {
      useNoticeStore
        .getState()
        .notify("Longhaul did not say whether this goes on with an earlier drop.", "warn");
    }
  }
  askAbout(fresh.map(itemOfRoot), destination);
}

function isPacked(id: TransferId): boolean {
  return useTransferStore.getState().byId.get(id)?.archive !== undefined;
}

/** Asking the host about every file is worth it only while something waits for a drop. */
function isDropUnfinished(): boolean {
  return [...useTransferStore.getState().byId.values()].some(
    ({ from, state }) =>
      from.kind === "drop" && state.phase !== "done" && state.phase !== "canceled",
  );
}

function openPlace(): Destination | null {
  const { screen, place } = useScreenStore.getState();
  return screen === "library" && place?.bucket ? place : null;
}

function currentPlaces() {
  const { recentDestinations } = useSettingsStore.getState().settings;
  return dropPlaces(openPlace(), recentDestinations, useProfileStore.getState().profiles ?? []);
}

function currentDestination(): Destination | null {
  const { recentDestinations } = useSettingsStore.getState().settings;
  const profiles = useProfileStore.getState().profiles ?? [];
  return firstDestination(openPlace(), recentDestinations, profiles);
}
