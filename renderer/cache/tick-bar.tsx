import { Anchor, Button } from "@mantine/core";
import {
  IconEraser,
  IconPin,
  IconPinnedOff,
  IconShieldCheck,
  IconTerminal2,
  IconTool,
} from "@tabler/icons-react";
import type { CacheEntry } from "#shared/cache.ts";
import { useFormats } from "../common/use-formats.ts";
import { useWorkStore } from "../state/work-store.ts";
import { lookAt, useCacheStore } from "./cache-store.ts";
import type { EntryCommand } from "./entry-commands.ts";
import { affectedBy, pinCommand } from "./entry-commands.ts";
import type { RunEntryCommand } from "./use-entry-commands.ts";
import { entriesText } from "./work-words.ts";
import classes from "./tick-bar.module.css";

/** What is ticked, and what can be done to all of it. */
export function TickBar({ run }: { readonly run: RunEntryCommand }) {
  const { bytes } = useFormats();
  const ticked = useCacheStore((state) => state.ticked);
  const isWorking = useWorkStore((state) => state.now !== null);
  if (ticked.size === 0) return null;
  const entries = [...ticked.values()];
  const sum = (of: (entry: CacheEntry) => number) =>
    bytes(entries.reduce((all, one) => all + of(one), 0));
  const toggle = pinCommand(entries);
  const offered = ACTIONS.filter(({ command, isWork }) => {
    if (command === "pin" || command === "unpin") return command === toggle;
    return !(isWork && isWorking) && affectedBy(command, entries).length > 0;
  });
  return (
    <section className={classes.bar} aria-label="Ticked">
      <div className={classes.block}>
        <span className={classes.main}>
          {entriesText(entries.length)}, {sum(({ sizeBytes }) => sizeBytes)}
        </span>
        <Anchor component="button" fz={12} onClick={() => lookAt({ ticked: new Map() })}>
          Clear
        </Anchor>
      </div>
      <span className={classes.note}>
        Deleting them would free {sum(({ freesBytes }) => freesBytes)}
      </span>
      {offered.map(({ command, label, icon: Icon }) => (
        <Button
          key={command}
          leftSection={<Icon size={14} aria-hidden />}
          variant={command === "copy-pin" ? "subtle" : "default"}
          onClick={() => run(command, entries)}
        >
          {label}
        </Button>
      ))}
    </section>
  );
}

type Action = {
  readonly command: EntryCommand;
  readonly label: string;
  readonly icon: typeof IconPin;
  readonly isWork?: boolean;
};

const ACTIONS: readonly Action[] = [
  { command: "copy-pin", label: "Copy as command", icon: IconTerminal2 },
  { command: "forget", label: "Forget…", icon: IconEraser },
  { command: "repair", label: "Repair", icon: IconTool, isWork: true },
  { command: "verify", label: "Verify", icon: IconShieldCheck, isWork: true },
  { command: "pin", label: "Pin", icon: IconPin },
  { command: "unpin", label: "Unpin", icon: IconPinnedOff },
];
