import { contextBridge, ipcRenderer, webUtils } from "electron";
import type { Reply } from "#shared/client.ts";
import type { HostEvent, Picked } from "#shared/contract.ts";
import type { DesktopBridge } from "#shared/desktop-bridge.ts";
import { DESKTOP_BRIDGE_NAME } from "#shared/desktop-bridge.ts";
import { CALL_CHANNEL, EVENT_CHANNEL, GRANT_CHANNEL } from "./channels.ts";

const bridge: DesktopBridge = {
  call: async (name, input) => {
    // The host's own answer: `serveCalls` makes nothing else.
    const reply: Reply = await ipcRenderer.invoke(CALL_CHANNEL, name, input);
    return reply;
  },
  onEvent: (listener) => {
    const forward = (_: unknown, event: HostEvent) => listener(event);
    ipcRenderer.on(EVENT_CHANNEL, forward);
    return () => void ipcRenderer.off(EVENT_CHANNEL, forward);
  },
  grantFiles: async (files) => {
    const paths = files
      .filter((file) => file instanceof File)
      .map((file) => webUtils.getPathForFile(file))
      .filter((path) => path !== "");
    const picked: readonly Picked[] = await ipcRenderer.invoke(GRANT_CHANNEL, paths);
    return picked;
  },
};

contextBridge.exposeInMainWorld(DESKTOP_BRIDGE_NAME, bridge);
