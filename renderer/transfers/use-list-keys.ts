import type { KeyboardEvent } from "react";
import { useCallback } from "react";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import type { ListKey } from "./row-keys.ts";
import type { RunCommand } from "./use-commands.ts";
import { idsBetween } from "./ids-between.ts";
import { listState } from "./list-store.ts";
import { toggleCommand } from "./row-commands.ts";
import { readListKey } from "./row-keys.ts";
import { viewsOf } from "./selected-views.ts";
import { idOf } from "./use-row-click.ts";
import { useCommands } from "./use-commands.ts";

type ListKeys = {
  readonly ids: readonly TransferId[];
  readonly focusRow: (id: TransferId) => void;
  readonly openMenu: (id: TransferId, anchor: DOMRect) => void;
};

/** Keys of the list. Commands hold for all that is selected. */
export function useListKeys(list: ListKeys): (event: KeyboardEvent<HTMLElement>) => void {
  const { ids, focusRow, openMenu } = list;
  const run = useCommands();
  return useCallback(
    (event) => {
      const id = idOf(event.target);
      if (!(event.target instanceof HTMLElement) || id === null) return;
      const row = event.target.closest<HTMLElement>('[role="row"]');
      if (row && event.target !== row) {
        if (moveInside(event, row)) event.preventDefault();
        return;
      }
      const key = readListKey(event);
      if (row === null || key === null) return;
      event.preventDefault();
      if (key.kind === "step") step(ids, id, key, focusRow);
      else if (key.kind === "inside") controlsOf(row)[0]?.focus();
      else if (key.kind === "menu") openMenu(id, row.getBoundingClientRect());
      else runKey(key, viewsOf(chosenIn(ids, id)), run);
    },
    [ids, focusRow, openMenu, run],
  );
}

type CommandKey = Extract<ListKey, { kind: "toggle" | "command" }>;

function runKey(key: CommandKey, views: readonly TransferView[], run: RunCommand): void {
  if (key.kind === "command") {
    run(key.command, views);
    return;
  }
  // Each by its own state: of two, one may go on while the other stops.
  for (const view of views) {
    const command = toggleCommand(view);
    if (command !== null) run(command, [view]);
  }
}

/** The selection in the list's order, or the row with the focus where that is outside it. */
function chosenIn(ids: readonly TransferId[], focused: TransferId): readonly TransferId[] {
  const { selected, select } = listState();
  if (selected.has(focused)) return ids.filter((id) => selected.has(id));
  select(focused);
  return [focused];
}

function step(
  ids: readonly TransferId[],
  from: TransferId,
  key: Extract<ListKey, { kind: "step" }>,
  focusRow: (id: TransferId) => void,
): void {
  const at = ids.indexOf(from);
  const last = ids.length - 1;
  const to = { up: Math.max(0, at - 1), down: Math.min(last, at + 1), first: 0, last }[key.to];
  const next = ids[to];
  if (next === undefined) return;
  const { selected, select } = listState();
  select(next, key.extends ? [...selected, ...idsBetween(ids, from, next)] : []);
  focusRow(next);
}

/** Left and right among a row's buttons; Escape, or left of the first, back to the row. */
function moveInside(event: KeyboardEvent<HTMLElement>, row: HTMLElement): boolean {
  const controls = controlsOf(row);
  const at = controls.findIndex((control) => control === event.target);
  switch (event.key) {
    case "ArrowRight":
      controls[Math.min(at + 1, controls.length - 1)]?.focus();
      return true;
    case "ArrowLeft":
      (controls[at - 1] ?? row).focus();
      return true;
    case "Escape":
    case "ArrowUp":
    case "ArrowDown":
      row.focus();
      return true;
    default:
      return false;
  }
}

/** The answers come first: they are what a person goes in for. */
function controlsOf(row: HTMLElement): readonly HTMLElement[] {
  const all = [...row.querySelectorAll<HTMLElement>("button:not(:disabled), input")];
  const isAnswer = (control: HTMLElement) =>
    !("menu" in control.dataset) && !("command" in control.dataset);
  return [...all.filter(isAnswer), ...all.filter((control) => !isAnswer(control))];
}
