import type { Page } from "playwright/test";

type Point = { readonly x: number; readonly y: number };

/** Drags files and folders from the system over the window and lets go, as the browser itself sees it. */
export async function dropOnWindow(
  page: Page,
  files: readonly string[],
  at: Point = { x: 640, y: 300 },
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, ...at, data });
  }
  await session.detach();
}
