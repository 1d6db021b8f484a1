import type { KeyboardEvent } from "react";
import { useState } from "react";
import { Button, SegmentedControl, TextInput, VisuallyHidden } from "@mantine/core";
import { DAY_NAMES, PaceMode } from "#shared/week.ts";
import type { Week } from "#shared/week.ts";
import { parseWeek, writeWeek } from "#shared/week-text.ts";
import { useAct } from "../host/use-act.ts";
import { useSettings } from "../state/settings-store.ts";
import type { Area } from "./week-cells.ts";
import { copyDay, paintArea, shownWeek } from "./week-cells.ts";
import { WeekGrid } from "./week-grid.tsx";
import { SettingGroup } from "./setting.tsx";
import classes from "./bandwidth-page.module.css";
import grid from "./week-grid.module.css";

const MODES = [
  { value: "full", label: <Brush mode="full" label="Full" /> },
  { value: "limited", label: <Brush mode="limited" label="Limited" /> },
  { value: "paused", label: <Brush mode="paused" label="Paused" /> },
];
const MONDAY_MORNING: Area = { from: { day: 0, hour: 8 }, to: { day: 0, hour: 8 } };
const WEEKDAYS = [0, 1, 2, 3, 4];
const ALL_DAYS = [0, 1, 2, 3, 4, 5, 6];

/** The hours of a week at full speed, limited and paused: painted, or as text. */
export function WeekSetting() {
  const act = useAct();
  const settings = useSettings();
  const week = shownWeek(settings.week, settings.limits);
  const [brush, setBrush] = useState<PaceMode>("limited");
  const [area, setArea] = useState(MONDAY_MORNING);
  const keep = (next: Week | null) =>
    act("settings.set", { week: next && [...next], paceOverride: null });
  const day = DAY_NAMES[area.to.day] ?? "Mon";
  return (
    <SettingGroup
      title="Week"
      note="Drag to paint, or go with the arrows and press Space. Without a schedule all hours are alike."
    >
      <div className={classes.tools}>
        <SegmentedControl
          aria-label="Paint with"
          data={MODES}
          value={brush}
          onChange={(picked) => setBrush(PaceMode.parse(picked))}
        />
        <VisuallyHidden id="week-keys">
          Space paints, Shift extends, 1 is full, 2 limited, 3 paused.
        </VisuallyHidden>
        <Button onClick={() => keep(copyDay(week, area.to.day, WEEKDAYS))}>
          Copy {day} to weekdays
        </Button>
        <Button onClick={() => keep(copyDay(week, area.to.day, ALL_DAYS))}>
          Copy {day} to all days
        </Button>
      </div>
      <WeekGrid
        week={week}
        brush={brush}
        area={area}
        onArea={setArea}
        onPaint={(painted, mode) => keep(paintArea(week, painted, mode))}
      />
      <WeekText week={week} />
      <Button mt={12} disabled={settings.week === null} onClick={() => keep(null)}>
        No schedule
      </Button>
    </SettingGroup>
  );
}

/** The legend of the grid, too. */
function Brush({ mode, label }: { readonly mode: PaceMode; readonly label: string }) {
  return (
    <span className={classes.brush}>
      <span aria-hidden className={grid.cell} data-mode={mode} />
      {label}
    </span>
  );
}

function WeekText({ week }: { readonly week: Week }) {
  const act = useAct();
  const { limits } = useSettings();
  /** What is being typed; null shows the kept week. */
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? writeWeek(week, limits);
  const problem = draft === null ? null : problemOf(draft);

  function commit(): void {
    if (draft === null || problem !== null) return;
    const read = parseWeek(draft);
    setDraft(null);
    const named = read.limits === null ? {} : { limits: read.limits };
    act("settings.set", { week: [...read.week], paceOverride: null, ...named });
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Enter") commit();
    if (event.key !== "Escape" || draft === null) return;
    setDraft(null);
    event.stopPropagation();
  }

  return (
    <TextInput
      mt={14}
      label="As text"
      description="off is full speed, pause stops, 40Mbit or 40Mbit/10Mbit (down/up) limits. longhaul limit schedule takes the same."
      classNames={{ input: "lh-mono" }}
      value={text}
      error={problem}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
    />
  );
}

function problemOf(text: string): string | null {
  try {
    parseWeek(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
