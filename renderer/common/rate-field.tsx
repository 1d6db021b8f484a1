import type { KeyboardEvent } from "react";
import { useState } from "react";
import { TextInput } from "@mantine/core";
import { readRate, writeRate, otherUnit } from "./rate-text.ts";

type RateFieldProps = {
  readonly label: string;
  /** Null is no limit. */
  readonly bytesPerSecond: number | null;
  /** Where the focus begins in what opens around it. */
  readonly isFirst?: boolean;
  /** Called with a rate that can be kept, when the field is left or Enter pressed. */
  readonly onCommit: (bytesPerSecond: number | null) => void;
};

/** A cap as text with its unit; the same in the other unit stands below. Empty is no limit. */
export function RateField({ label, bytesPerSecond, isFirst = false, onCommit }: RateFieldProps) {
  /** What is being typed; null shows the kept rate. */
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? writeRate(bytesPerSecond);
  const read = readRate(text);

  function commit(): void {
    if (draft === null || !read.ok) return;
    setDraft(null);
    if (read.bytesPerSecond !== bytesPerSecond) onCommit(read.bytesPerSecond);
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
      label={label}
      data-autofocus={isFirst || undefined}
      placeholder="no limit"
      value={text}
      error={read.ok ? null : read.problem}
      description={read.ok ? otherUnit(read.bytesPerSecond, text) : undefined}
      inputWrapperOrder={["label", "input", "description", "error"]}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
    />
  );
}
