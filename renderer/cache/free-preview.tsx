import { createContext, use, useState } from "react";
import { Button } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import type { CacheEntry, CacheFolder } from "#shared/cache.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { explainError } from "#shared/error-words.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { copyText } from "../common/copy-text.ts";
import { dayText } from "../common/day-text.ts";
import type { RowPages } from "../common/row-pages.ts";
import { focusOnArrival } from "../common/focus-on-arrival.ts";
import { TroubleNote } from "../common/trouble-note.tsx";
import { useFormats } from "../common/use-formats.ts";
import { useNow } from "../common/use-now.ts";
import { VirtualGrid } from "../common/virtual-grid.tsx";
import { useClient } from "../host/host.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { pruneCommand } from "./cache-command.ts";
import { nameOf, placeOf } from "./entry-words.ts";
import { afterText, buttonText, freedText, protectedText, sumText } from "./free-words.ts";
import { useCounts } from "./use-counts.ts";
import type { Goal, Preview } from "./use-preview.ts";
import { usePreview } from "./use-preview.ts";
import classes from "./free-sheet.module.css";

type FreePreviewProps = {
  /** Null where nothing can be freed. */
  readonly goal: Goal | null;
  readonly folders: readonly CacheFolder[];
  readonly onClose: () => void;
  /** The cache is another than what is shown. */
  readonly onChanged: () => void;
};

/** The exact list, what it adds up to, and the button that deletes it and nothing else. */
export function FreePreview({ goal, folders, onClose, onChanged }: FreePreviewProps) {
  return (
    <>
      {goal ? (
        <Going goal={goal} folders={folders} onClose={onClose} onChanged={onChanged} />
      ) : (
        <>
          <p className={classes.none}>Nothing can go now.</p>
          <Protected />
          <div className={classes.foot}>
            <Button size="md" data-autofocus ref={focusOnArrival} onClick={onClose}>
              Close
            </Button>
          </div>
        </>
      )}
    </>
  );
}

type GoingProps = FreePreviewProps & { readonly goal: Goal };

function Going({ goal, folders, onClose, onChanged }: GoingProps) {
  const formats = useFormats();
  const { pages, rows, preview, refresh } = usePreview(goal);
  const { free, isFreeing, problem } = useFree(onClose, () => {
    refresh();
    onChanged();
  });
  const nowMs = useNow(false);
  if (pages.error && pages.total === null) {
    return (
      <TroubleNote error={pages.error}>
        <Button onClick={refresh}>Try again</Button>
      </TroubleNote>
    );
  }
  return (
    <>
      <div className={classes.grid}>
        <GoingContext value={pages}>
          <VirtualGrid
            label="What would be deleted"
            columns={classes.columns}
            head={<Head />}
            rows={rows}
            labelOf={(index) => spoken(pages.at(index), formats.bytes, nowMs)}
            onRowKey={() => undefined}
            onRange={(start, end) => void pages.look(start, end)}
            Cells={GoingCells}
          />
        </GoingContext>
      </div>
      <div className={classes.sum} role="status">
        <span className={classes.strong}>{preview && sumText(preview, formats)}</span>
        <span>{preview && afterText(preview, folders, formats)}</span>
      </div>
      {problem && <Problem problem={problem} />}
      <Protected />
      <div className={classes.foot}>
        <Button variant="subtle" size="md" onClick={() => copyText(pruneCommand(goal))}>
          Copy as command
        </Button>
        <span className={classes.grow} />
        <Button size="md" data-autofocus ref={focusOnArrival} onClick={onClose}>
          Cancel
        </Button>
        <Button
          size="md"
          variant="danger"
          disabled={!preview || preview.total === 0}
          loading={isFreeing}
          onClick={() => preview && free(preview)}
        >
          {preview ? buttonText(preview) : "Delete"}
        </Button>
      </div>
    </>
  );
}

type FreeProblem =
  | { readonly kind: "changed" }
  | { readonly kind: "failed"; readonly error: ErrorInfo };

/** Deletes what the preview says; a cache that changed meanwhile is previewed again, and nothing is deleted. */
function useFree(onDone: () => void, onConflict: () => void) {
  const client = useClient();
  const formats = useFormats();
  const [isFreeing, setFreeing] = useState(false);
  const [problem, setProblem] = useState<FreeProblem | null>(null);
  const free = async ({ goal, freedBytes, plan }: Preview): Promise<void> => {
    setFreeing(true);
    setProblem(null);
    try {
      const freed = await client.call("cache.free", { ...goal, expectedBytes: freedBytes, plan });
      useNoticeStore.getState().notify(freedText(freed, formats));
      onDone();
    } catch (thrown) {
      const error = toErrorInfo(thrown);
      setProblem(error.code === "conflict" ? { kind: "changed" } : { kind: "failed", error });
      onConflict();
    } finally {
      setFreeing(false);
    }
  };
  return { free: (preview: Preview) => void free(preview), isFreeing, problem };
}

function Problem({ problem }: { readonly problem: FreeProblem }) {
  return (
    <p className={classes.problem} role="alert">
      <IconInfoCircle size={16} aria-hidden />
      {problem.kind === "changed"
        ? "The cache changed meanwhile, so nothing was deleted. This is the list as it is now."
        : `${explainError(problem.error).what} ${explainError(problem.error).todo}`}
    </p>
  );
}

/** Says what stays whatever is asked for, and why. */
function Protected() {
  const formats = useFormats();
  const { value } = useCounts("");
  return <p className={classes.note}>{protectedText(value, formats)}</p>;
}

const GoingContext = createContext<RowPages<CacheEntry> | null>(null);

function Head() {
  return (
    <>
      <span role="columnheader">Longest unused first</span>
      <span role="columnheader">Last used</span>
      <span role="columnheader" className={classes.frees}>
        Frees
      </span>
    </>
  );
}

function GoingCells({ row }: { readonly row: number }) {
  const { bytes } = useFormats();
  const nowMs = useNow(false);
  const entry = use(GoingContext)?.at(row);
  if (!entry) return <span role="gridcell">…</span>;
  return (
    <>
      <span role="gridcell" className={classes.name} title={entry.path}>
        <span className={`${classes.title} lh-cut`}>{nameOf(entry.key)}</span>
        <span className={`${classes.place} lh-cut`}>{placeOf(entry)}</span>
      </span>
      <span role="gridcell" className={classes.used}>
        {dayText(entry.usedAtMs, nowMs)}
      </span>
      <span role="gridcell" className={`${classes.frees} lh-number`}>
        {bytes(entry.freesBytes)}
      </span>
    </>
  );
}

function spoken(
  entry: CacheEntry | undefined,
  bytes: (bytes: number) => string,
  nowMs: number,
): string {
  if (!entry) return "Not loaded yet";
  return `${nameOf(entry.key)}, ${placeOf(entry)}, last used ${dayText(entry.usedAtMs, nowMs)}, frees ${bytes(entry.freesBytes)}`;
}
