import { useState } from "react";
import { Autocomplete, Button, PasswordInput, TextInput } from "@mantine/core";
import type { FieldsProps } from "./text-field.tsx";
import { needsSecret } from "./profile-draft.ts";
import { TextField } from "./text-field.tsx";
import { useAwsNames } from "./use-aws-names.ts";
import classes from "./profiles-page.module.css";

/** What the chosen kind of credentials asks for. */
export function CredentialFields(props: FieldsProps) {
  const { credentials } = props.draft;
  switch (credentials) {
    case "stored":
      return <StoredKeys {...props} />;
    case "aws-profile":
      return <AwsProfile {...props} />;
    case "environment":
      return (
        <p className={classes.hint}>
          AWS_ACCESS_KEY_ID and so on, as the machine that runs Longhaul has them.
        </p>
      );
    case "anonymous":
      return <p className={classes.hint}>Only what everybody may read.</p>;
    default:
      return credentials satisfies never;
  }
}

function StoredKeys(props: FieldsProps) {
  return (
    <>
      <TextField label="Access key" field="accessKeyId" {...props} />
      <SecretField {...props} />
      <TextField
        label="Session token"
        field="sessionToken"
        placeholder="none"
        description="Only with keys that expire."
        {...props}
      />
    </>
  );
}

/** Written once, never shown again. */
function SecretField({ draft, kept, problems, onChange }: FieldsProps) {
  const [isReplacing, setReplacing] = useState(false);
  const isKept =
    kept?.credentials.kind === "stored" && !needsSecret({ ...draft, secretKey: "" }, kept);
  if (isKept && !isReplacing && draft.secretKey === "") {
    return (
      <TextInput
        label="Secret key"
        value="kept, not shown"
        readOnly
        classNames={{ input: classes.secret ?? "" }}
        rightSection={
          <Button size="xs" variant="subtle" onClick={() => setReplacing(true)}>
            Replace…
          </Button>
        }
        rightSectionWidth={88}
      />
    );
  }
  return (
    <PasswordInput
      label="Secret key"
      autoComplete="off"
      autoFocus={isReplacing}
      visibilityToggleButtonProps={{ "aria-label": "Show what is typed", tabIndex: 0 }}
      value={draft.secretKey}
      error={problems.secretKey}
      onChange={(event) => onChange({ secretKey: event.currentTarget.value })}
    />
  );
}

function AwsProfile({ draft, problems, onChange }: FieldsProps) {
  const names = useAwsNames();
  return (
    <Autocomplete
      label="Profile in ~/.aws"
      data={names}
      value={draft.awsProfile}
      error={problems.awsProfile}
      onChange={(awsProfile) => onChange({ awsProfile })}
    />
  );
}
