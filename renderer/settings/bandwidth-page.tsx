import { Button, NumberInput } from "@mantine/core";
import { IconGauge } from "@tabler/icons-react";
import type { Limits } from "#shared/settings.ts";
import { RateField } from "../common/rate-field.tsx";
import { useFormats } from "../common/use-formats.ts";
import { useAct } from "../host/use-act.ts";
import { useSettings } from "../state/settings-store.ts";
import { limitSentence } from "./limit-sentence.ts";
import { Setting, SettingGroup, SettingPage } from "./setting.tsx";
import classes from "./bandwidth-page.module.css";

/** What the line may be used for, and how many transfers go at once. */
export function BandwidthPage() {
  const act = useAct();
  const { limits } = useSettings();
  const setLimits = (change: Partial<Limits>) => act("limit.set", { ...limits, ...change });
  return (
    <SettingPage>
      <LimitNow limits={limits} />
      <SettingGroup
        title="Limits"
        note="For all transfers together. A rate has a unit: 40 MB/s or 320 Mbit/s. Empty is no limit."
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

function LimitNow({ limits }: { readonly limits: Limits }) {
  const act = useAct();
  const formats = useFormats();
  const sentence = limitSentence(limits, formats.rate);
  if (!sentence) return null;
  return (
    <div className={classes.now}>
      <IconGauge size={18} aria-hidden />
      <p>{sentence}</p>
      <Button
        onClick={() => act("limit.set", { downBytesPerSecond: null, upBytesPerSecond: null })}
      >
        Full speed
      </Button>
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
