import { Button, Popover, SegmentedControl, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconGauge } from "@tabler/icons-react";
import type { Limits } from "#shared/settings.ts";
import { PaceMode } from "#shared/week.ts";
import { clockText } from "../common/clock-text.ts";
import { RateField } from "../common/rate-field.tsx";
import { useFormats } from "../common/use-formats.ts";
import { useNow } from "../common/use-now.ts";
import { useAct } from "../host/use-act.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { isHeldBack, limitWords } from "./limit-words.ts";
import classes from "./limit-menu.module.css";
import bar from "./status-bar.module.css";

/** From the status bar: what holds now, and the quick way to change it. */
export function LimitMenu() {
  const isOpen = useScreenStore((state) => state.limitOpen);
  const setOpen = useScreenStore((state) => state.openLimit);
  const limits = useSettingsStore((state) => state.settings.limits);
  const pace = useStatusStore((state) => state.pace);
  const nowMs = useNow(false);
  const formats = useFormats();
  const isHolding = useStatusStore(
    (state) =>
      isHeldBack(state.downBytesPerSecond, state.pace.limits.downBytesPerSecond) ||
      isHeldBack(state.upBytesPerSecond, state.pace.limits.upBytesPerSecond),
  );
  const words = limitWords(pace, formats, (atMs) => clockText(atMs, nowMs));
  return (
    <Popover
      opened={isOpen}
      onChange={setOpen}
      position="top-start"
      width={320}
      offset={6}
      trapFocus
      returnFocus
      classNames={{ dropdown: classes.panel }}
    >
      <Popover.Target>
        <UnstyledButton
          className={`${bar.item} lh-focus-inside`}
          data-tone={isHolding ? "warn" : undefined}
          onClick={() => setOpen(!isOpen)}
        >
          <IconGauge size={14} aria-hidden />
          {words}
          <IconChevronDown size={12} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label="Bandwidth">
        <LimitFields limits={limits} words={words} />
      </Popover.Dropdown>
    </Popover>
  );
}

type LimitFieldsProps = { readonly limits: Limits; readonly words: string };

function LimitFields({ limits, words }: LimitFieldsProps) {
  const act = useAct();
  const hasWeek = useSettingsStore((state) => state.settings.week !== null);
  const showSettings = useScreenStore((state) => state.showSettings);
  const setOpen = useScreenStore((state) => state.openLimit);
  const set = (change: Partial<Limits>) => act("limit.set", { ...limits, ...change });
  return (
    <>
      <p className={classes.lead}>{words}</p>
      <OverrideField />
      <p className={classes.text}>
        {hasWeek
          ? "In limited hours, for all transfers together:"
          : "Holds for all transfers together, from now on."}
      </p>
      <div className={classes.fields}>
        <RateField
          label="Down"
          isFirst
          bytesPerSecond={limits.downBytesPerSecond}
          onCommit={(downBytesPerSecond) => set({ downBytesPerSecond })}
        />
        <RateField
          label="Up"
          bytesPerSecond={limits.upBytesPerSecond}
          onCommit={(upBytesPerSecond) => set({ upBytesPerSecond })}
        />
      </div>
      <div className={classes.foot}>
        <Button
          variant="subtle"
          px={6}
          onClick={() => {
            setOpen(false);
            showSettings("bandwidth");
          }}
        >
          Bandwidth settings
        </Button>
        <Button
          disabled={limits.downBytesPerSecond === null && limits.upBytesPerSecond === null}
          onClick={() => set({ downBytesPerSecond: null, upBytesPerSecond: null })}
        >
          Lift the limit
        </Button>
      </div>
    </>
  );
}

const MODES = [
  { value: "full", label: "Full" },
  { value: "limited", label: "Limited" },
  { value: "paused", label: "Paused" },
];

/** In place of the week, until its next change. Without a week there is nothing to stand in for. */
function OverrideField() {
  const act = useAct();
  const nowMs = useNow(false);
  const { mode, untilMs, isOverride } = useStatusStore((state) => state.pace);
  const hasWeek = useSettingsStore((state) => state.settings.week !== null);
  if (!hasWeek || untilMs === null) return null;
  const until = clockText(untilMs, nowMs);
  return (
    <>
      <SegmentedControl
        fullWidth
        mt={8}
        aria-label={`Until ${until}`}
        data={MODES}
        value={mode}
        onChange={(value) => {
          const { data } = PaceMode.safeParse(value);
          if (data !== undefined) act("limit.override", { mode: data });
        }}
      />
      <p className={classes.holds}>
        {isOverride ? `In place of the week until ${until}. ` : `By the week until ${until}.`}
        {isOverride && (
          <Button
            size="xs"
            variant="subtle"
            px={4}
            onClick={() => act("limit.override", { mode: null })}
          >
            Follow the week
          </Button>
        )}
      </p>
    </>
  );
}
