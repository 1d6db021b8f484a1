import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { Host } from "./host/host.ts";
import { App } from "./app.tsx";
import { takeNonce } from "./host/style-nonce.ts";
import { followHost } from "./state/follow-host.ts";

/** Puts the window into `#root` and keeps it fed. */
export async function mount(host: Host): Promise<void> {
  const root = document.getElementById("root");
  if (!root) throw new Error("the page has no #root");
  const nonce = takeNonce(document);
  followHost(host);
  // Canvases measure and draw text once, so the face has to be there before the first paint.
  await document.fonts.load('11px "Inter Variable"');
  createRoot(root).render(
    <StrictMode>
      <App host={host} nonce={nonce} />
    </StrictMode>,
  );
}
