import type { KeyboardEvent } from "react";
import { useState } from "react";
import { Button, Modal } from "@mantine/core";
import type { PackFormat } from "#shared/archive.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { Destination } from "#shared/settings.ts";
import type { ConflictRule } from "#shared/transfer.ts";
import type { UploadItem } from "./upload-plan.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { copyText } from "../common/copy-text.ts";
import { EnterKey } from "../common/enter-key.tsx";
import { TroubleNote } from "../common/trouble-note.tsx";
import { Fold } from "../common/fold.tsx";
import { useHost } from "../host/host.ts";
import type { ObjectDraft } from "../object/object-draft.ts";
import { choiceWords, EMPTY_OBJECT_DRAFT, readObjectDraft } from "../object/object-draft.ts";
import { ObjectFields } from "../object/object-fields.tsx";
import { findProfile, useProfileStore } from "../state/profile-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { DestinationFields } from "./destination-fields.tsx";
import { UploadWays } from "./upload-ways.tsx";
import { commandOfUpload } from "./upload-command.ts";
import { closeSheet } from "./drop-store.ts";
import { ItemList } from "./item-list.tsx";
import { startUpload } from "./start-upload.ts";
import type { UploadPlan } from "./start-upload.ts";
import { canPack, isOfPage, itemWords, keyName, readPrefix } from "./upload-plan.ts";
import { useMeasures } from "./use-measures.ts";
import classes from "./upload-sheet.module.css";

type UploadSheetProps = {
  readonly items: readonly UploadItem[];
  readonly destination: Destination | null;
};

/** What a drop turns into: one sheet, the remembered place filled in, Enter starts. */
export function UploadSheet({ items, destination: first }: UploadSheetProps) {
  const [destination, setDestination] = useState(first);
  const [format, setFormat] = useState<PackFormat | null>(null);
  const archive = canPack(items) ? format : null;
  const [onConflict, setOnConflict] = useState<ConflictRule>("ask");
  const measures = useMeasures(items);
  const { start, isStarting, error } = useStart();
  const [draft, setDraft] = useState(EMPTY_OBJECT_DRAFT);
  const read = readObjectDraft(draft);
  const plan =
    destination !== null && destination.bucket !== "" && read.ok
      ? { items, destination, onConflict, archive, choice: read.choice }
      : null;
  return (
    <Modal opened onClose={closeSheet} title={`Upload ${itemWords(items)}`} size={640} yOffset={64}>
      <form
        onKeyDownCapture={startOnEnter}
        onSubmit={(event) => {
          event.preventDefault();
          if (plan === null || isStarting) return;
          void start(plan);
        }}
      >
        <ItemList items={items} measures={measures} />
        {destination && <DestinationFields destination={destination} onChange={setDestination} />}
        <Preview items={items} destination={destination} archive={archive} />
        <UploadWays
          canPack={canPack(items)}
          isOfPage={isOfPage(items)}
          archive={archive}
          onConflict={onConflict}
          onArchive={setFormat}
          onRule={setOnConflict}
        />
        {destination && (
          <Options
            profileId={destination.profileId}
            draft={draft}
            onChange={(part) => setDraft((before) => ({ ...before, ...part }))}
          />
        )}
        {error && <TroubleNote error={error} />}
        <Foot plan={plan} isStarting={isStarting} />
      </form>
    </Modal>
  );
}

type FootProps = { readonly plan: UploadPlan | null; readonly isStarting: boolean };

function Foot({ plan, isStarting }: FootProps) {
  const profiles = useProfileStore((state) => state.profiles);
  const profile = plan && findProfile(profiles, plan.destination.profileId)?.profile;
  const line = plan && profile ? commandOfUpload(plan, profile.name) : null;
  return (
    <div className={classes.foot}>
      {line !== null && (
        <Button size="md" variant="subtle" onClick={() => copyText(line)}>
          Copy as command
        </Button>
      )}
      <span className={classes.grow} />
      <Button size="md" onClick={closeSheet}>
        Cancel
      </Button>
      <Button
        type="submit"
        size="md"
        variant="filled"
        rightSection={<EnterKey />}
        disabled={plan === null}
        loading={isStarting}
      >
        Upload
      </Button>
    </div>
  );
}

type OptionsProps = {
  readonly profileId: ProfileId;
  readonly draft: ObjectDraft;
  readonly onChange: (part: Partial<ObjectDraft>) => void;
};

/** What few say of an upload; closed, it names what holds. */
function Options({ profileId, draft, onChange }: OptionsProps) {
  const [isOpen, setOpen] = useState(false);
  const profile = useProfileStore((state) => findProfile(state.profiles, profileId)?.profile);
  const below = { object: profile?.upload, access: profile?.access };
  const read = readObjectDraft(draft);
  const own = read.ok ? choiceWords(read.choice) : "something is wrong in here";
  const kept = choiceWords(below);
  const words = [own, kept === "" ? "" : `from the profile: ${kept}`].filter((one) => one !== "");
  return (
    <Fold
      label="Options"
      note={
        words.length === 0 ? "content type, metadata, storage class, encryption" : words.join("; ")
      }
      isOpen={isOpen}
      onToggle={() => setOpen(!isOpen)}
    >
      <ObjectFields draft={draft} below={below} onChange={onChange} />
    </Fold>
  );
}

/** Enter starts from a closed list, too, which opens with Space and the arrow keys. */
function startOnEnter(event: KeyboardEvent<HTMLFormElement>): void {
  const { key, target, currentTarget } = event;
  if (key !== "Enter" || !(target instanceof Element)) return;
  if (!target.matches('[role="combobox"]:not([aria-expanded="true"])')) return;
  event.preventDefault();
  event.stopPropagation();
  currentTarget.requestSubmit();
}

/** Starts and shows the transfers; what speaks against it stays in the sheet. */
function useStart() {
  const host = useHost();
  const show = useScreenStore((state) => state.show);
  const [isStarting, setStarting] = useState(false);
  const [error, setError] = useState<ErrorInfo | null>(null);
  const start = async (plan: UploadPlan) => {
    setStarting(true);
    setError(null);
    try {
      const prefix = readPrefix(plan.destination.prefix);
      await startUpload(host, { ...plan, destination: { ...plan.destination, prefix } });
      closeSheet();
      show("transfers");
    } catch (thrown) {
      setError(toErrorInfo(thrown));
      setStarting(false);
    }
  };
  return { start, isStarting, error };
}

type PreviewProps = UploadSheetProps & { readonly archive: PackFormat | null };

function Preview({ items, destination, archive }: PreviewProps) {
  const [item, ...others] = items;
  if (!item || !destination || destination.bucket === "") {
    return <p className={classes.preview}>Choose a bucket.</p>;
  }
  return (
    <p className={classes.preview}>
      <span className={`${classes.address} lh-mono`}>
        s3://{destination.bucket}/{readPrefix(destination.prefix)}
        {keyName(item, archive)}
      </span>
      {others.length > 0 && ` and ${others.length.toLocaleString("en")} more`}
    </p>
  );
}
