import type { Reply } from "./client.ts";
import type { HostEvent, Picked } from "./contract.ts";

/** Where the desktop window's preload script puts the bridge: `window.longhaul`. */
export const DESKTOP_BRIDGE_NAME = "longhaul";

/** All that the desktop window's page can reach of the host. */
export interface DesktopBridge {
  /** Never rejects; failure is a value. */
  call(name: string, input: unknown): Promise<Reply>;
  /** Returns the way to stop listening. */
  onEvent(listener: (event: HostEvent) => void): () => void;
  /**
   * Handles for the `File`s of a drop, in order; those without a place on disk are left out.
   * A page cannot make a `File` with a path, so it gets handles only for what a person dropped.
   */
  grantFiles(files: readonly unknown[]): Promise<readonly Picked[]>;
}
