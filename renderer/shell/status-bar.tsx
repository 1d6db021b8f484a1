import type { ReactNode } from "react";
import { useState } from "react";
import { UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconDatabase } from "@tabler/icons-react";
import type { TransferView } from "#shared/transfer.ts";
import { homePath } from "../common/home-path.ts";
import { useFormats } from "../common/use-formats.ts";
import { useNow } from "../common/use-now.ts";
import { steadySeconds, timeLeftText } from "../transfers/time-left.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { LimitMenu } from "./limit-menu.tsx";
import classes from "./status-bar.module.css";

/** Every figure opens what explains it: the transfers, the limit, the folders. */
export function StatusBar({ narrow }: { readonly narrow: boolean }) {
  return (
    <div className={classes.bar} role="group" aria-label="Status">
      <Speed />
      <TimeLeft />
      <LimitMenu />
      <span className={classes.gap} />
      {!narrow && <FreeSpace />}
    </div>
  );
}

function Speed() {
  const formats = useFormats();
  const down = useStatusStore((state) => formats.rate(state.downBytesPerSecond));
  const up = useStatusStore((state) => formats.rate(state.upBytesPerSecond));
  const show = useScreenStore((state) => state.show);
  return (
    <Item wide onPick={() => show("transfers")}>
      <IconArrowDown size={13} role="img" aria-label="Down" />
      <span className={`${classes.speed} lh-number`}>{down}</span>
      <IconArrowUp size={13} role="img" aria-label="Up" />
      <span className={`${classes.speed} lh-number`}>{up}</span>
    </Item>
  );
}

/** When the last of what moves now is done; what waits for a slot comes after it. */
function TimeLeft() {
  const nowMs = useNow(false);
  const next = useTransferStore((state) => longestLeft(state.byId.values()));
  const [shown, setShown] = useState(next);
  const steady = steadySeconds(shown, next);
  if (steady !== shown) setShown(steady);
  const show = useScreenStore((state) => state.show);
  if (steady === null) return null;
  return (
    <Item onPick={() => show("transfers")} title="Until all that moves now is done">
      {timeLeftText(steady, nowMs)}
    </Item>
  );
}

/** Null where nothing moves, or for one that does nothing can be promised yet. */
export function longestLeft(views: Iterable<TransferView>): number | null {
  let longest: number | null = null;
  for (const { state, secondsLeft } of views) {
    if (state.phase !== "running" || state.activity.kind !== "moving") continue;
    if (secondsLeft === null) return null;
    longest = Math.max(longest ?? 0, secondsLeft);
  }
  return longest;
}

/** Below this, the next model may not fit. */
const LOW_BYTES = 20e9;

function FreeSpace() {
  const formats = useFormats();
  const freeBytes = useStatusStore((state) => state.freeBytes);
  const host = useStatusStore((state) => state.host);
  const folder = useSettingsStore((state) => state.settings.downloadFolder);
  const showSettings = useScreenStore((state) => state.showSettings);
  if (freeBytes === null) return null;
  return (
    <Item
      tone={freeBytes < LOW_BYTES ? "danger" : undefined}
      onPick={() => showSettings("storage")}
    >
      <IconDatabase size={14} aria-hidden />
      <VisuallyHidden>Space: </VisuallyHidden>
      {formats.bytes(freeBytes)} free in {homePath(folder, host)}
    </Item>
  );
}

type ItemProps = {
  readonly tone?: "danger" | undefined;
  readonly wide?: boolean;
  readonly title?: string;
  readonly onPick: () => void;
  readonly children: ReactNode;
};

function Item({ tone, wide = false, title, onPick, children }: ItemProps) {
  return (
    <UnstyledButton
      className={`${classes.item} lh-focus-inside`}
      data-tone={tone}
      data-wide={wide || undefined}
      title={title}
      onClick={onPick}
    >
      {children}
    </UnstyledButton>
  );
}
