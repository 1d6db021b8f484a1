import type { Transport } from "#shared/client.ts";
import type { DesktopBridge } from "#shared/desktop-bridge.ts";

declare global {
  interface Window {
    readonly longhaul?: DesktopBridge;
  }
}

/** The desktop's own channel: it lives as long as the window. */
export function createDesktopTransport(bridge: DesktopBridge): Transport {
  return {
    call: (name, input) => bridge.call(name, input),
    onEvent: (listener) => bridge.onEvent(listener),
  };
}
