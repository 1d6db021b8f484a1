import { useMemo } from "react";
import { IconCircleArrowUp } from "@tabler/icons-react";
import { clockText } from "../../common/clock-text.ts";
import { formatCount } from "../../common/byte-figures.ts";
import { homePath } from "../../common/home-path.ts";
import type { Formats } from "../../common/use-formats.ts";
import { useFormats } from "../../common/use-formats.ts";
import { useNow } from "../../common/use-now.ts";
import { useStatusStore } from "../../state/status-store.ts";
import { DetailSection } from "../../transfers/detail/detail-section.tsx";
import { Facts } from "../../transfers/detail/facts.tsx";
import { useHereStore } from "../here-store.ts";
import type { CopyFacts } from "./model-here.ts";
import { commonFolder, copyOf } from "./model-here.ts";
import type { ModelRow } from "./model-rows.ts";
import { filesOfRow } from "./model-ticks.ts";
import classes from "./model-detail.module.css";

function useCopyFacts(row: ModelRow): CopyFacts | null {
  const states = useHereStore((state) => state.states);
  return useMemo(() => copyOf(filesOfRow(row), states), [row, states]);
}

/** That another version of it is here, and how much of it would move. */
export function NewerNote({ row }: { readonly row: ModelRow }) {
  const formats = useFormats();
  const nowMs = useNow(false);
  const copy = useCopyFacts(row);
  if (copy === null || copy.newer.count === 0) return null;
  return (
    <div className={classes.newer}>
      <IconCircleArrowUp size={18} aria-hidden />
      <div>
        <p className={classes.lead}>Newer upstream since {clockText(copy.newer.atMs, nowMs)}</p>
        <p>{differWords(copy, row.model.isCut, formats)}</p>
      </div>
    </div>
  );
}

/** `2 of 24 files differ, 4.9 GB. 60.6 GB stay as they are.` */
function differWords({ count, newer, here }: CopyFacts, isCut: boolean, formats: Formats): string {
  const verb = newer.count === 1 ? "differs" : "differ";
  const files = `${formatCount(newer.count)} of ${countWords(count, isCut)} files`;
  const differ = `${files} ${verb}, ${formats.bytes(newer.sizeBytes)}.`;
  return here.sizeBytes === 0
    ? differ
    : `${differ} ${formats.bytes(here.sizeBytes)} stay as they are.`;
}

/** Of a model with more files than are listed nobody knows how many there are. */
function countWords(count: number, isCut: boolean): string {
  return isCut ? `${formatCount(count)} and more` : formatCount(count);
}

/** Where it is on this computer; nothing where it is not, or where that may not be seen. */
export function ModelCopy({ row }: { readonly row: ModelRow }) {
  const formats = useFormats();
  const host = useStatusStore((state) => state.host);
  const copy = useCopyFacts(row);
  if (copy === null || copy.paths.length === 0) return null;
  const folder = commonFolder(copy.paths, host?.pathSeparator ?? "/");
  const { isCut } = row.model;
  const isAll = copy.here.count === copy.count && !isCut;
  const of = isAll ? "All" : `${formatCount(copy.here.count)} of`;
  return (
    <DetailSection title="Copy on this computer">
      <Facts
        labelWidth={104}
        facts={[
          folder === null
            ? { label: "Folder", value: "in several" }
            : { label: "Folder", value: homePath(folder, host), copy: folder },
          {
            label: "Here",
            value: `${of} ${countWords(copy.count, isCut)} files, ${formats.bytes(copy.here.sizeBytes)}`,
          },
        ]}
      />
    </DetailSection>
  );
}
