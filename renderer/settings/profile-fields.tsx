import { useState } from "react";
import { Input, SegmentedControl, Select } from "@mantine/core";
import type { CredentialsSource, Profile } from "#shared/profile.ts";
import { Fold } from "../common/fold.tsx";
import { choiceWords, readObjectDraft } from "../object/object-draft.ts";
import { ObjectFields } from "../object/object-fields.tsx";
import type { FieldsProps } from "./text-field.tsx";
import { CredentialFields } from "./credential-fields.tsx";
import { PRESETS, isChosenPreset } from "./presets.ts";
import { withPreset } from "./profile-draft.ts";
import { TextField } from "./text-field.tsx";
import classes from "./profiles-page.module.css";

/** What a profile is made of; what does not apply to its kind is left out. */
export function ProfileFields(props: FieldsProps) {
  const { draft, onChange } = props;
  if (draft.preset === "practice") return <PracticeFields {...props} />;
  const preset = PRESETS[draft.preset];
  return (
    <div className={classes.fields}>
      <TextField label="Name" field="name" {...props} />
      <Select
        label="Kind"
        data={Object.entries(PRESETS).map(([value, { label }]) => ({ value, label }))}
        value={draft.preset}
        onChange={(value) => {
          if (value && isChosenPreset(value)) onChange(withPreset(draft, value));
        }}
        allowDeselect={false}
      />
      {draft.preset !== "aws" && (
        <TextField
          label="Endpoint"
          field="url"
          placeholder={preset.endpoint}
          className={classes.wide}
          {...props}
        />
      )}
      <TextField
        label="Region"
        field="region"
        {...(preset.regionNote !== null && { description: preset.regionNote })}
        {...props}
      />
      <AddressingField {...props} />
      <CredentialsField {...props} />
      <CredentialFields {...props} />
      <LimitFields {...props} />
      {draft.preset !== "aws" && <TrustFields {...props} />}
      <div className={classes.wide}>
        <UploadOptions {...props} />
      </div>
    </div>
  );
}

function AddressingField({ draft, onChange }: FieldsProps) {
  return (
    <Input.Wrapper label="Bucket goes into" labelElement="div">
      <SegmentedControl<Profile["addressing"]>
        aria-label="Bucket goes into"
        fullWidth
        data={[
          { value: "auto", label: "Auto" },
          { value: "path", label: "Path" },
          { value: "virtual", label: "Host name" },
        ]}
        value={draft.addressing}
        onChange={(addressing) => onChange({ addressing })}
      />
    </Input.Wrapper>
  );
}

function CredentialsField({ draft, onChange }: FieldsProps) {
  return (
    <Select<CredentialsSource["kind"]>
      label="Credentials"
      data={[
        { value: "stored", label: "Keys kept by this host" },
        { value: "aws-profile", label: "A profile in ~/.aws" },
        { value: "environment", label: "The environment" },
        { value: "anonymous", label: "None, anonymous" },
      ]}
      value={draft.credentials}
      onChange={(credentials) => credentials && onChange({ credentials })}
      allowDeselect={false}
    />
  );
}

/** The embedded store: everything but its name and figures is given. */
function PracticeFields(props: FieldsProps) {
  return (
    <>
      <p className={classes.practice}>
        A store on this computer, to try both directions with. Nothing leaves it, and it needs no
        account.
      </p>
      <div className={classes.fields}>
        <TextField label="Name" field="name" {...props} />
      </div>
    </>
  );
}

/** For an endpoint whose certificate the system does not know. */
function TrustFields(props: FieldsProps) {
  return (
    <>
      <TextField
        label="Certificate file"
        field="caFile"
        placeholder="none"
        description="PEM of who signs this endpoint's certificate."
        {...props}
      />
      <TextField
        label="Only this certificate"
        field="pinnedSha256"
        placeholder="any that is trusted"
        description="Its SHA-256; it is believed whoever signed it."
        {...props}
      />
    </>
  );
}

function LimitFields(props: FieldsProps) {
  const { draft } = props;
  return (
    <>
      <TextField
        label="Only this bucket"
        field="bucket"
        placeholder="any"
        description="For keys that may not list buckets."
        {...props}
      />
      <div className={classes.pair}>
        <TextField label="Part size" field="partSize" placeholder="16 MiB" {...props} />
        <TextField label="Connections" field="connections" placeholder="as in Network" {...props} />
      </div>
      <RateLimits {...props} />
      {draft.preset !== "aws" && (
        <TextField
          label="Most parts of an upload"
          field="maxParts"
          placeholder="10000"
          description="Some providers take fewer, 1000 say; parts are then larger."
          {...props}
        />
      )}
    </>
  );
}

/** What uploads with this profile say, unless one of them says otherwise. */
function UploadOptions({ draft, problems, onChange }: FieldsProps) {
  const [isOpen, setOpen] = useState(false);
  const read = readObjectDraft(draft.object);
  const words = read.ok ? choiceWords(read.choice) : "something is wrong in here";
  return (
    <Fold
      label="Options of uploads"
      note={words === "" ? "content type, metadata, storage class, encryption" : words}
      // What is wrong inside must be seen.
      isOpen={isOpen || problems.object !== undefined}
      onToggle={() => setOpen(!isOpen)}
    >
      <ObjectFields
        draft={draft.object}
        below={{}}
        onChange={(part) => onChange({ object: { ...draft.object, ...part } })}
      />
    </Fold>
  );
}

/** Beside the limits of all transfers, at all times. */
function RateLimits(props: FieldsProps) {
  return (
    <>
      <TextField
        label="Limit down"
        field="downLimit"
        placeholder="no limit"
        description="For all with this profile together, at all times."
        {...props}
      />
      <TextField label="Limit up" field="upLimit" placeholder="no limit" {...props} />
    </>
  );
}
