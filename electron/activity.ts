import type { BrowserWindow, PowerSaveBlocker } from "electron";
import type { HostEvent } from "#shared/contract.ts";
import type { TransferId, TransferView } from "#shared/transfer.ts";

type Blocker = Pick<PowerSaveBlocker, "start" | "stop">;

/** Keeps the machine awake while bytes move, and shows how far they are on the dock or task bar. */
export class ActivityWatch {
  readonly #blocker: Blocker;
  readonly #window: Pick<BrowserWindow, "setProgressBar" | "isDestroyed">;
  readonly #running = new Map<TransferId, TransferView>();
  #blockerId: number | null = null;

  constructor(blocker: Blocker, window: Pick<BrowserWindow, "setProgressBar" | "isDestroyed">) {
    this.#blocker = blocker;
    this.#window = window;
  }

  take(event: HostEvent): void {
    if (event.type !== "transfers") return;
    for (const view of event.changed) {
      if (isMoving(view)) this.#running.set(view.id, view);
      else this.#running.delete(view.id);
    }
    for (const id of event.removed) this.#running.delete(id);
    this.#keepAwake(this.#running.size > 0);
    if (!this.#window.isDestroyed()) this.#window.setProgressBar(this.#fraction());
  }

  #keepAwake(isBusy: boolean): void {
    if (isBusy === (this.#blockerId !== null)) return;
    if (this.#blockerId === null) this.#blockerId = this.#blocker.start("prevent-app-suspension");
    else {
      this.#blocker.stop(this.#blockerId);
      this.#blockerId = null;
    }
  }

  /** -1 takes the bar away; above 1 is a bar without an end, for a total that is not known yet. */
  #fraction(): number {
    const views = [...this.#running.values()];
    if (views.length === 0) return -1;
    const totalBytes = views.reduce((sum, view) => sum + view.totalBytes, 0);
    if (totalBytes === 0 || views.some((view) => view.isListing)) return 2;
    return Math.min(1, views.reduce((sum, view) => sum + view.doneBytes, 0) / totalBytes);
  }
}

function isMoving({ state }: TransferView): boolean {
  return state.phase === "running" || state.phase === "verifying";
}
