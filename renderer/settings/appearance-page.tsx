import { useState } from "react";
import { SegmentedControl, Slider, Switch } from "@mantine/core";
import type { Settings } from "#shared/settings.ts";
import { useAct } from "../host/use-act.ts";
import { useSettings } from "../state/settings-store.ts";
import { SampleRow } from "./sample-row.tsx";
import { Setting, SettingGroup, SettingPage } from "./setting.tsx";
import { ThemeChoice } from "./theme-choice.tsx";
import classes from "./appearance-page.module.css";

export function AppearancePage() {
  const act = useAct();
  const settings = useSettings();
  const set = (change: Partial<Settings>) => act("settings.set", change);
  return (
    <SettingPage>
      <SettingGroup title="Theme">
        <ThemeChoice theme={settings.theme} onChoose={(theme) => set({ theme })} />
      </SettingGroup>
      <SettingGroup title="Rows">
        <SampleRow />
        <Setting label="Density">
          <SegmentedControl<Settings["density"]>
            aria-label="Density"
            data={[
              { value: "comfortable", label: "Comfortable" },
              { value: "compact", label: "Compact" },
            ]}
            value={settings.density}
            onChange={(density) => set({ density })}
          />
        </Setting>
        <Setting label="Text size" note="Rows, bars and type grow together.">
          <TextSize
            percent={settings.textSizePercent}
            onChoose={(textSizePercent) => set({ textSizePercent })}
          />
        </Setting>
      </SettingGroup>
      <NumberSettings settings={settings} onChange={set} />
      <SettingGroup title="Motion">
        <Setting
          label="Reduce motion"
          note="The system asks for it or not; here it can only be turned on."
        >
          <Switch
            aria-label="Reduce motion"
            checked={settings.reduceMotion}
            onChange={(event) => set({ reduceMotion: event.currentTarget.checked })}
          />
        </Setting>
      </SettingGroup>
    </SettingPage>
  );
}

type NumberSettingsProps = {
  readonly settings: Settings;
  readonly onChange: (change: Partial<Settings>) => void;
};

function NumberSettings({ settings, onChange }: NumberSettingsProps) {
  return (
    <SettingGroup title="Numbers">
      <Setting
        label="Sizes"
        note={
          settings.sizeUnits === "decimal"
            ? "1 GB is 1,000,000,000 bytes."
            : "1 GiB is 1,073,741,824 bytes."
        }
      >
        <SegmentedControl<Settings["sizeUnits"]>
          aria-label="Sizes"
          data={[
            { value: "decimal", label: "GB" },
            { value: "binary", label: "GiB" },
          ]}
          value={settings.sizeUnits}
          onChange={(sizeUnits) => onChange({ sizeUnits })}
        />
      </Setting>
      <Setting label="Speeds" note="Limits take either, whatever is chosen here.">
        <SegmentedControl<Settings["rateUnits"]>
          aria-label="Speeds"
          data={[
            { value: "bytes", label: settings.sizeUnits === "decimal" ? "MB/s" : "MiB/s" },
            { value: "bits", label: "Mbit/s" },
          ]}
          value={settings.rateUnits}
          onChange={(rateUnits) => onChange({ rateUnits })}
        />
      </Setting>
    </SettingGroup>
  );
}

type TextSizeProps = {
  readonly percent: number;
  readonly onChoose: (percent: number) => void;
};

/** Takes effect when the slider is let go: it would run away under the pointer otherwise. */
function TextSize({ percent, onChoose }: TextSizeProps) {
  const [dragged, setDragged] = useState({ from: percent, to: percent });
  const shown = dragged.from === percent ? dragged.to : percent;
  return (
    <>
      <Slider
        w={220}
        min={80}
        max={200}
        step={10}
        value={shown}
        onChange={(to) => setDragged({ from: percent, to })}
        onChangeEnd={onChoose}
        label={null}
        size={4}
        thumbSize={14}
        thumbLabel="Text size"
        thumbProps={{ "aria-valuetext": `${shown} percent` }}
      />
      <span className={`${classes.value} lh-number`}>{shown} %</span>
    </>
  );
}
