import type { KeyboardEvent } from "react";
import { useState } from "react";
import { TextInput } from "@mantine/core";

type SettingTextProps = {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly isDisabled?: boolean;
  readonly isSecret?: boolean;
  /** What is wrong with what was typed; null where it can be kept. */
  readonly check?: (typed: string) => string | null;
  /** Called with what can be kept, when the field is left or Enter pressed. */
  readonly onCommit: (typed: string) => void;
};

/** A setting that is typed: kept when it is left, as it was after Escape. */
export function SettingText(props: SettingTextProps) {
  const { value, check = () => null, onCommit } = props;
  /** What is being typed; null shows what is kept. */
  const [draft, setDraft] = useState<string | null>(null);
  const problem = draft === null ? null : check(draft.trim());

  function commit(): void {
    if (draft === null || problem !== null) return;
    setDraft(null);
    if (draft.trim() !== value) onCommit(draft.trim());
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Enter") commit();
    if (event.key === "Escape" && draft !== null) {
      setDraft(null);
      event.stopPropagation();
    }
  }

  return (
    <TextInput
      aria-label={props.label}
      type={props.isSecret === true ? "password" : "text"}
      w={260}
      placeholder={props.placeholder}
      value={draft ?? value}
      error={problem}
      disabled={props.isDisabled === true}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
    />
  );
}
