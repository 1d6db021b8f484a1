import type { KeyboardEvent } from "react";
import { useState } from "react";
import { TextInput } from "@mantine/core";
import { useSettingsStore } from "../state/settings-store.ts";
import { readSize, showSize } from "./size-text.ts";

type SizeFieldProps = {
  readonly label: string;
  /** Null is none. */
  readonly bytes: number | null;
  /** What an empty field means. */
  readonly placeholder: string;
  readonly width: number;
  /** Something has to be typed that is more than nothing. */
  readonly isNeeded?: boolean;
  /** Called with a size that can be kept, when the field is left or Enter pressed. */
  readonly onCommit: (bytes: number | null) => void;
};

/** A size as text with its unit: kept when it is left, as it was after Escape. */
export function SizeField(props: SizeFieldProps) {
  const { label, bytes, placeholder, width, isNeeded = false, onCommit } = props;
  const sizeUnits = useSettingsStore((state) => state.settings.sizeUnits);
  /** What is being typed; null shows what is kept. */
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? (bytes === null ? "" : showSize(bytes, sizeUnits));
  const read = readSize(text);
  const isMissing = isNeeded && read.ok && !read.bytes && draft !== null;
  const problem = read.ok ? (isMissing ? "Write how much: 50 GB." : null) : read.problem;

  function commit(): void {
    if (draft === null || problem !== null || !read.ok) return;
    setDraft(null);
    if (read.bytes !== bytes) onCommit(read.bytes);
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
      aria-label={label}
      w={width}
      placeholder={placeholder}
      value={text}
      error={problem}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
    />
  );
}
