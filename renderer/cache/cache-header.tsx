import { ActionIcon, Button, SegmentedControl, TextInput } from "@mantine/core";
import {
  IconDots,
  IconSearch,
  IconSettings,
  IconShieldCheck,
  IconTerminal2,
  IconTool,
} from "@tabler/icons-react";
import type { MenuEntry } from "../common/action-menu.tsx";
import { copyText } from "../common/copy-text.ts";
import { MenuButton } from "../common/menu-button.tsx";
import { useClient } from "../host/host.ts";
import { HeaderGap, ScreenHeader } from "../shell/screen-header.tsx";
import { useScreenStore } from "../state/screen-store.ts";
import { useWorkStore } from "../state/work-store.ts";
import { cacheCommand } from "./cache-command.ts";
import { CACHE_TABS, lookAt, useCacheStore } from "./cache-store.ts";
import { startWork } from "./use-entry-commands.ts";
import classes from "./cache-screen.module.css";

type CacheHeaderProps = { readonly unfinishedCount: number; readonly followCount: number };

export function CacheHeader(counts: CacheHeaderProps) {
  const client = useClient();
  const isWorking = useWorkStore((state) => state.now !== null);
  return (
    <ScreenHeader title="Cache">
      <Tabs {...counts} />
      <HeaderGap />
      <Filter />
      <Button
        className={classes.wordy ?? ""}
        aria-label="Verify all"
        disabled={isWorking}
        leftSection={<IconShieldCheck size={14} aria-hidden />}
        onClick={() => startWork(client, "cache.verify", null)}
      >
        <span className={classes.words}>Verify all</span>
      </Button>
      <Button variant="filled" onClick={() => lookAt({ freeing: { folder: null } })}>
        Free up space…
      </Button>
      <MoreMenu />
    </ScreenHeader>
  );
}

function Tabs({ unfinishedCount, followCount }: CacheHeaderProps) {
  const tab = useCacheStore((state) => state.tab);
  return (
    <SegmentedControl
      className={classes.tabs ?? ""}
      aria-label="Show"
      value={tab}
      onChange={(value) => lookAt({ tab: CACHE_TABS.find((one) => one === value) ?? "entries" })}
      data={[
        { value: "entries", label: "Entries" },
        { value: "unfinished", label: withCount("Unfinished", unfinishedCount) },
        { value: "follows", label: withCount("In sync", followCount) },
      ]}
    />
  );
}

function withCount(label: string, count: number): string {
  return count > 0 ? `${label} ${count}` : label;
}

function Filter() {
  const text = useCacheStore((state) => state.text);
  return (
    <TextInput
      data-filter
      className={classes.filter ?? ""}
      aria-label="Filter the cache"
      placeholder="Filter"
      value={text}
      onChange={(event) => lookAt({ text: event.currentTarget.value })}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || text === "") return;
        event.stopPropagation();
        lookAt({ text: "" });
      }}
      leftSection={<IconSearch size={14} aria-hidden />}
      leftSectionWidth={28}
    />
  );
}

function MoreMenu() {
  const client = useClient();
  const showSettings = useScreenStore((state) => state.showSettings);
  const isWorking = useWorkStore((state) => state.now !== null);
  const repair: MenuEntry = {
    kind: "item",
    label: "Repair all damaged",
    icon: IconTool,
    onPick: () => startWork(client, "cache.repair", null),
  };
  const entries: readonly MenuEntry[] = [
    ...(isWorking ? [] : [repair, { kind: "line" } as const]),
    {
      kind: "item",
      label: "Copy as command: verify all",
      icon: IconTerminal2,
      onPick: () => copyText(cacheCommand("verify", [])),
    },
    {
      kind: "item",
      label: "Copy as command: repair all damaged",
      icon: IconTerminal2,
      onPick: () => copyText(cacheCommand("repair", [])),
    },
    { kind: "line" },
    {
      kind: "item",
      label: "Cache folders and limits",
      icon: IconSettings,
      onPick: () => showSettings("storage"),
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
