import { useState } from "react";
import { Button } from "@mantine/core";
import { IconBucket, IconFileDots } from "@tabler/icons-react";
import type { UnfinishedTransfer } from "#shared/unfinished.ts";
import { formatPart, percentOf } from "../common/byte-figures.ts";
import { PathText } from "../common/path-text.tsx";
import { ShareBar } from "../common/share-bar.tsx";
import { useFormats } from "../common/use-formats.ts";
import { useNow } from "../common/use-now.ts";
import { useAct } from "../host/use-act.ts";
import { useStatusStore } from "../state/status-store.ts";
import { RemoveDialog } from "./remove-dialog.tsx";
import { ageOf, amountHeld, expiryOf, othersOf, placeOf, stateOf } from "./unfinished-words.ts";
import type { Unfinished } from "./use-unfinished.ts";
import classes from "./unfinished-list.module.css";

type UnfinishedListProps = {
  readonly unfinished: Unfinished;
  /** Only those whose name or place has it. */
  readonly filter: string;
};

/** What transfers have left behind that are not under way, at stores and here. */
export function UnfinishedList({ unfinished, filter }: UnfinishedListProps) {
  const { found, ask } = unfinished;
  const text = filter.trim().toLowerCase();
  const [removing, setRemoving] = useState<UnfinishedTransfer | null>(null);
  const { bytes } = useFormats();
  const host = useStatusStore((state) => state.host);
  if (found === null) return null;
  const shown = found.filter((one) =>
    `${one.name} ${placeOf(one, host)}`.toLowerCase().includes(text),
  );
  const uploads = shown.filter(({ direction }) => direction === "upload");
  const downloads = shown.filter(({ direction }) => direction === "download");
  return (
    <div className={classes.lists}>
      {shown.length === 0 && (
        <p className={classes.none}>
          {text === "" ? "Nothing is unfinished." : `Nothing here matches “${text}”.`}
        </p>
      )}
      <Section
        title="On this computer"
        note={`${bytes(heldBy(downloads))} in partial files that nothing adds to now. Going on fetches only what is missing.`}
        transfers={downloads}
        onRemove={setRemoving}
      />
      <Section
        title="In buckets"
        note={`${bytes(heldBy(uploads))} in started uploads. The bucket's owner pays for them until they are finished or removed.`}
        transfers={uploads}
        onRemove={setRemoving}
      />
      <RemoveDialog transfer={removing} onClose={() => setRemoving(null)} onRemoved={ask} />
    </div>
  );
}

function heldBy(transfers: readonly UnfinishedTransfer[]): number {
  return transfers.reduce((sum, one) => sum + amountHeld(one).heldBytes, 0);
}

type SectionProps = {
  readonly title: string;
  readonly note: string;
  readonly transfers: readonly UnfinishedTransfer[];
  readonly onRemove: (transfer: UnfinishedTransfer) => void;
};

function Section({ title, note, transfers, onRemove }: SectionProps) {
  if (transfers.length === 0) return null;
  return (
    <section aria-label={title}>
      <div className={classes.head}>
        <h2>{title}</h2>
        <span>{note}</span>
      </div>
      <ul className={classes.rows} aria-label={title}>
        {transfers.map((one) => (
          <Row key={one.id} transfer={one} onRemove={() => onRemove(one)} />
        ))}
      </ul>
    </section>
  );
}

type RowProps = { readonly transfer: UnfinishedTransfer; readonly onRemove: () => void };

function Row({ transfer, onRemove }: RowProps) {
  const act = useAct();
  const nowMs = useNow(false);
  const host = useStatusStore((state) => state.host);
  const { id, name, direction, isRemoving } = transfer;
  const Icon = direction === "upload" ? IconBucket : IconFileDots;
  return (
    <li className={classes.row}>
      <Icon size={18} stroke={1.6} aria-hidden />
      <div className={classes.name}>
        <span className={`${classes.title} lh-cut`}>{name}</span>
        <span className={classes.place}>
          <PathText path={placeOf(transfer, host)} />
          <span className={classes.others}>{othersOf(transfer)}</span>
          <span className={classes.state}>{stateOf(transfer)}</span>
        </span>
      </div>
      <Held transfer={transfer} />
      <div className={classes.age}>
        <span>{ageOf(transfer, nowMs)}</span>
        <span className={classes.expiry}>{expiryOf(transfer, nowMs)}</span>
      </div>
      <div className={classes.actions}>
        {!isRemoving && (
          <>
            <Button
              size="xs"
              w={84}
              aria-label={`Resume ${name}`}
              onClick={() => act("transfer.resume", { id })}
            >
              Resume
            </Button>
            <Button
              size="xs"
              variant="subtle"
              w={84}
              aria-label={`Remove ${name}…`}
              onClick={onRemove}
            >
              Remove…
            </Button>
          </>
        )}
      </div>
    </li>
  );
}

function Held({ transfer }: { readonly transfer: UnfinishedTransfer }) {
  const { sizeUnits } = useFormats();
  const { heldBytes, sizeBytes, isOpen } = amountHeld(transfer);
  const amount = formatPart(heldBytes, sizeBytes, sizeUnits, isOpen);
  return (
    <div className={classes.progress}>
      <ShareBar
        kept={0}
        moved={percentOf(heldBytes, sizeBytes) ?? 0}
        flight={0}
        name={transfer.name}
        text={amount}
        isStill
      />
      <span className="lh-number">{amount}</span>
    </div>
  );
}
