import { TextInput } from "@mantine/core";
import type { Profile } from "#shared/profile.ts";
import type { DraftField, ProfileDraft, Problems } from "./profile-draft.ts";

export type FieldsProps = {
  readonly draft: ProfileDraft;
  /** As it is saved; undefined for a new one. */
  readonly kept: Profile | undefined;
  readonly problems: Problems;
  readonly onChange: (part: Partial<ProfileDraft>) => void;
};

type TextFieldProps = FieldsProps & {
  readonly label: string;
  readonly field: Exclude<DraftField, "preset" | "addressing" | "credentials" | "object">;
  readonly placeholder?: string;
  readonly description?: string;
  readonly className?: string | undefined;
};

export function TextField(props: TextFieldProps) {
  const { field, draft, problems, onChange } = props;
  return (
    <TextInput
      label={props.label}
      placeholder={props.placeholder}
      description={props.description}
      // Below, so that inputs side by side stand on one line.
      inputWrapperOrder={["label", "input", "description", "error"]}
      className={props.className}
      value={draft[field]}
      error={problems[field]}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange({ [field]: event.currentTarget.value })}
    />
  );
}
