import { Button, NumberInput } from "@mantine/core";
import { IconGauge } from "@tabler/icons-react";
import { paceSentence } from "#shared/pace-words.ts";
import type { Limits } from "#shared/settings.ts";
import { RateField } from "../common/rate-field.tsx";
import { clockText } from "../common/clock-text.ts";
import { useFormats } from "../common/use-formats.ts";
import { useNow } from "../common/use-now.ts";
import { useAct } from "../host/use-act.ts";
import { useSettings } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { WeekSetting } from "./week-setting.tsx";
import { Setting, SettingGroup, SettingPage } from "./setting.tsx";
import classes from "./bandwidth-page.module.css";

/** What the line may be used for, and how many transfers go at once. */
export function BandwidthPage() {
  const act = useAct();
  const { limits } = useSettings();
  const setLimits = (change: Partial<Limits>) => act("limit.set", { ...limits, ...change });
  return (
    <SettingPage>
      <LimitNow />
      <SettingGroup
        title="Limited means"
        note="For all transfers together, in the week's limited hours; without a week, always. A rate has a unit: 40 MB/s or 320 Mbit/s. Empty is no limit."
      >
        <div className={classes.limits}>
          <RateField
            label="Down"
            bytesPerSecond={limits.downBytesPerSecond}
            onCommit={(downBytesPerSecond) => setLimits({ downBytesPerSecond })}
          />
          <RateField
            label="Up"
            bytesPerSecond={limits.upBytesPerSecond}
            onCommit={(upBytesPerSecond) => setLimits({ upBytesPerSecond })}
          />
        </div>
      </SettingGroup>
      <WeekSetting />
      <SettingGroup title="How many at once">
        <Setting label="Slots" note="Further transfers wait, and say so.">
          <SlotInput label="Downloads" setting="maxDownloads" />
          down
          <SlotInput label="Uploads" setting="maxUploads" />
          up
        </Setting>
      </SettingGroup>
    </SettingPage>
  );
}

function LimitNow() {
  const act = useAct();
  const formats = useFormats();
  const nowMs = useNow(false);
  const { week } = useSettings();
  const pace = useStatusStore((state) => state.pace);
  if (week === null && pace.mode === "full") return null;
  const until = pace.untilMs === null ? null : clockText(pace.untilMs, nowMs);
  return (
    <div className={classes.now}>
      <IconGauge size={18} aria-hidden />
      <p>{paceSentence(pace, formats.rate, (atMs) => clockText(atMs, nowMs))}</p>
      {week === null && (
        <Button
          onClick={() => act("limit.set", { downBytesPerSecond: null, upBytesPerSecond: null })}
        >
          Full speed
        </Button>
      )}
      {week !== null && pace.isOverride && (
        <Button onClick={() => act("limit.override", { mode: null })}>Follow the week</Button>
      )}
      {until !== null && pace.mode !== "full" && (
        <Button onClick={() => act("limit.override", { mode: "full" })}>Full until {until}</Button>
      )}
    </div>
  );
}

type SlotInputProps = {
  readonly label: string;
  readonly setting: "maxDownloads" | "maxUploads";
};

function SlotInput({ label, setting }: SlotInputProps) {
  const act = useAct();
  const count = useSettings()[setting];
  return (
    <NumberInput
      aria-label={`${label} at once`}
      w={64}
      value={count}
      min={1}
      max={20}
      allowDecimal={false}
      clampBehavior="strict"
      onChange={(typed) => {
        if (typeof typed === "number" && typed >= 1) act("settings.set", { [setting]: typed });
      }}
    />
  );
}
