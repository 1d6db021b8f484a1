import { ActionIcon, Button, SegmentedControl, TextInput } from "@mantine/core";
import {
  IconChevronDown,
  IconClearAll,
  IconDots,
  IconFile,
  IconFolder,
  IconKeyboard,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlus,
  IconSearch,
} from "@tabler/icons-react";
import type { MenuEntry } from "../common/action-menu.tsx";
import { MenuButton } from "../common/menu-button.tsx";
import { useAct } from "../host/use-act.ts";
import { HeaderGap, ScreenHeader } from "../shell/screen-header.tsx";
import { keysHere } from "../shell/shortcut-list.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { GROUP_NAMES } from "./group.ts";
import { useListStore } from "./list-store.ts";
import { isSettled } from "./row-commands.ts";
import { useTransferCounts } from "./use-counts.ts";
import classes from "./transfers-screen.module.css";

export function TransfersHeader({ isEmpty }: { readonly isEmpty: boolean }) {
  const { text, segment } = useListStore((state) => state.filter);
  const setFilter = useListStore((state) => state.setFilter);
  return (
    <ScreenHeader title="Transfers">
      <Segments />
      <HeaderGap />
      <TextInput
        data-filter
        className={classes.filter}
        aria-label="Filter transfers"
        placeholder="Filter"
        disabled={isEmpty && segment !== "unfinished"}
        value={text}
        onChange={(event) => setFilter({ text: event.currentTarget.value })}
        leftSection={<IconSearch size={14} aria-hidden />}
        leftSectionWidth={28}
      />
      <PauseAll isEmpty={isEmpty} />
      <NewMenu />
      <MoreMenu />
    </ScreenHeader>
  );
}

const SEGMENTS = [...GROUP_NAMES, "unfinished"] as const;

function Segments() {
  const segment = useListStore((state) => state.filter.segment);
  const setFilter = useListStore((state) => state.setFilter);
  const counts = useTransferCounts();
  return (
    <SegmentedControl
      className={classes.segments}
      aria-label="Show"
      value={segment}
      onChange={(value) => setFilter({ segment: SEGMENTS.find((name) => name === value) ?? "all" })}
      data={[
        { value: "all", label: "All" },
        { value: "asking", label: <Segment name="Needs you" count={counts.asking} warn /> },
        { value: "active", label: <Segment name="Active" count={counts.active} /> },
        { value: "waiting", label: <Segment name="Waiting" count={counts.waiting} /> },
        { value: "done", label: "Done" },
        { value: "unfinished", label: "Unfinished" },
      ]}
    />
  );
}

type SegmentProps = { readonly name: string; readonly count: number; readonly warn?: boolean };

function Segment({ name, count, warn = false }: SegmentProps) {
  return (
    <span className={classes.segment}>
      {name}
      {count > 0 && <span data-warn={warn || undefined}>{count}</span>}
    </span>
  );
}

/** One button: it pauses while anything moves or waits, and resumes when nothing does. */
function PauseAll({ isEmpty }: { readonly isEmpty: boolean }) {
  const act = useAct();
  const isAllPaused = useTransferStore((state) =>
    [...state.byId.values()].every((view) => isSettled(view) || view.state.phase === "paused"),
  );
  const hasPaused = useTransferStore((state) =>
    [...state.byId.values()].some((view) => view.state.phase === "paused"),
  );
  const resumes = isAllPaused && hasPaused;
  const Icon = resumes ? IconPlayerPlayFilled : IconPlayerPauseFilled;
  return (
    <Button
      disabled={isEmpty || (isAllPaused && !hasPaused)}
      leftSection={<Icon size={13} aria-hidden />}
      className={classes.wordy}
      aria-label={resumes ? "Resume all" : "Pause all"}
      onClick={() => act(resumes ? "transfer.resumeAll" : "transfer.pauseAll", null)}
    >
      <span className={classes.words}>{resumes ? "Resume all" : "Pause all"}</span>
    </Button>
  );
}

function NewMenu() {
  const platform = useStatusStore((state) => state.host?.platform ?? "");
  const wantUpload = useScreenStore((state) => state.wantUpload);
  const show = useScreenStore((state) => state.show);
  const entries: readonly MenuEntry[] = [
    {
      kind: "item",
      label: "Upload files…",
      icon: IconFile,
      keys: keysHere("Ctrl O", platform),
      onPick: () => wantUpload("files"),
    },
    {
      kind: "item",
      label: "Upload a folder…",
      icon: IconFolder,
      keys: keysHere("Ctrl Shift O", platform),
      onPick: () => wantUpload("folder"),
    },
    { kind: "line" },
    {
      kind: "item",
      label: "Get from the Library",
      icon: IconSearch,
      keys: keysHere("Ctrl 2", platform),
      onPick: () => show("library"),
    },
  ];
  return (
    <MenuButton label="New" entries={entries}>
      <Button
        variant="filled"
        aria-label="New"
        className={classes.wordy}
        leftSection={<IconPlus size={14} stroke={2.2} aria-hidden />}
        rightSection={<IconChevronDown size={13} aria-hidden />}
      >
        New
      </Button>
    </MenuButton>
  );
}

function MoreMenu() {
  const act = useAct();
  const openShortcuts = useScreenStore((state) => state.openShortcuts);
  const entries: readonly MenuEntry[] = [
    {
      kind: "item",
      label: "Take all that is done off the list",
      icon: IconClearAll,
      onPick: () => act("transfer.clear", { ids: doneIds() }),
    },
    { kind: "line" },
    {
      kind: "item",
      label: "Keys",
      icon: IconKeyboard,
      keys: "?",
      onPick: () => openShortcuts(true),
    },
  ];
  return (
    <MenuButton label="More" entries={entries}>
      <ActionIcon aria-label="More">
        <IconDots size={16} aria-hidden />
      </ActionIcon>
    </MenuButton>
  );
}

function doneIds() {
  const views = [...useTransferStore.getState().byId.values()];
  return views.filter((view) => view.state.phase === "done").map(({ id }) => id);
}
