import { Autocomplete, Checkbox, Select, Textarea, TextInput } from "@mantine/core";
import type { ObjectChoice, ObjectDraft, ObjectProblems } from "./object-draft.ts";
import { ENCRYPTION_WORDS, objectDraftOf, readObjectDraft } from "./object-draft.ts";
import classes from "./object-fields.module.css";

type ObjectFieldsProps = {
  readonly draft: ObjectDraft;
  /** What holds where nothing is typed: the profile's; empty in the profile itself. */
  readonly below: ObjectChoice;
  readonly onChange: (part: Partial<ObjectDraft>) => void;
};

type Props = ObjectFieldsProps & {
  readonly problems: ObjectProblems;
  readonly kept: ObjectDraft;
};

/** What uploads say of their objects besides their bytes, and what their bucket asks for. */
export function ObjectFields(props: ObjectFieldsProps) {
  const read = readObjectDraft(props.draft);
  const all = {
    ...props,
    problems: read.ok ? {} : read.problems,
    kept: objectDraftOf(props.below),
  };
  return (
    <div className={classes.fields}>
      <TextField {...all} label="Content type" field="contentType" empty="by the name's ending" />
      <TextField {...all} label="Cache-Control" field="cacheControl" empty="none" />
      <StorageClass {...all} />
      <Encryption {...all} />
      <Pairs {...all} label="Metadata" field="metadata" example="team=research" />
      <Pairs {...all} label="Tags" field="tags" example="cost=training" />
      <TextField
        {...all}
        label="Bucket's owner"
        field="expectedBucketOwner"
        empty="anybody"
        description="12 digits; a bucket of any other account is refused."
      />
      <Ticks {...all} />
    </div>
  );
}

type TextFieldProps = Props & {
  readonly label: string;
  readonly field: "contentType" | "cacheControl" | "expectedBucketOwner" | "kmsKeyId";
  readonly empty: string;
  readonly description?: string;
};

function TextField({ draft, kept, problems, onChange, ...own }: TextFieldProps) {
  const { label, field, empty, description } = own;
  return (
    <TextInput
      label={label}
      placeholder={kept[field] === "" ? empty : kept[field]}
      description={description}
      inputWrapperOrder={["label", "input", "description", "error"]}
      value={draft[field]}
      error={problems[field]}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange({ [field]: event.currentTarget.value })}
    />
  );
}

const STORAGE_CLASSES = [
  "STANDARD",
  "STANDARD_IA",
  "INTELLIGENT_TIERING",
  "ONEZONE_IA",
  "GLACIER_IR",
  "GLACIER",
  "DEEP_ARCHIVE",
];

function StorageClass({ draft, kept, problems, onChange }: Props) {
  return (
    <Autocomplete
      label="Storage class"
      placeholder={kept.storageClass === "" ? "the bucket's own" : kept.storageClass}
      data={STORAGE_CLASSES}
      value={draft.storageClass}
      error={problems.storageClass}
      onChange={(storageClass) => onChange({ storageClass })}
    />
  );
}

/** The list's value for saying nothing. */
const UNSAID = "unsaid";

function Encryption(props: Props) {
  const { draft, kept, problems, onChange } = props;
  const below = kept.encryption === "" ? "none" : kept.encryption;
  const isKms = draft.encryption === "kms";
  return (
    <div className={isKms ? classes.pair : undefined}>
      <Select
        label="Encryption"
        data={[
          {
            value: UNSAID,
            label:
              kept.encryption === ""
                ? "The bucket's own"
                : `${capital(ENCRYPTION_WORDS[below])}, as the profile`,
          },
          ...(kept.encryption === "" ? [] : [{ value: "none", label: "The bucket's own" }]),
          { value: "s3", label: "Keys of S3" },
          { value: "kms", label: "A KMS key" },
        ]}
        value={draft.encryption === "" ? UNSAID : draft.encryption}
        error={problems.encryption}
        onChange={(value) =>
          onChange({
            encryption: value === "s3" || value === "kms" || value === "none" ? value : "",
          })
        }
        allowDeselect={false}
      />
      {isKms && <TextField {...props} label="Key" field="kmsKeyId" empty="the account's own" />}
    </div>
  );
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

type PairsProps = Props & {
  readonly label: string;
  readonly field: "metadata" | "tags";
  readonly example: string;
};

function Pairs({ draft, kept, problems, onChange, label, field, example }: PairsProps) {
  const below = kept[field].split("\n").join(", ");
  return (
    <Textarea
      label={label}
      placeholder={example}
      description={below === "" ? "One a line." : `One a line, beside the profile's ${below}.`}
      inputWrapperOrder={["label", "input", "description", "error"]}
      rows={3}
      value={draft[field]}
      error={problems[field]}
      spellCheck={false}
      onChange={(event) => onChange({ [field]: event.currentTarget.value })}
    />
  );
}

function Ticks({ draft, kept, onChange }: Props) {
  return (
    <div className={classes.ticks}>
      <Checkbox
        label="Keep permissions, too"
        description="Times of files are always kept with their objects."
        checked={draft.preserveMode ?? kept.preserveMode ?? false}
        onChange={(event) => onChange({ preserveMode: event.currentTarget.checked })}
      />
      <Checkbox
        label="Agree to pay for requests"
        description="Where the bucket lets the requester pay."
        checked={draft.requesterPays ?? kept.requesterPays ?? false}
        onChange={(event) => onChange({ requesterPays: event.currentTarget.checked })}
      />
    </div>
  );
}
