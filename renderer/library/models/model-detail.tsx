import { useEffect, useRef } from "react";
import { useShallow } from "zustand/react/shallow";
import { ActionIcon, Button, Loader } from "@mantine/core";
import { IconAlertTriangle, IconCopy, IconFolder, IconTerminal2, IconX } from "@tabler/icons-react";
import { explainError } from "#shared/error-words.ts";
import type { ModelFile, ModelVariant } from "#shared/library-models.ts";
import type { Destination } from "#shared/settings.ts";
import { formatCount } from "../../common/byte-figures.ts";
import { useFormats } from "../../common/use-formats.ts";
import { useClient } from "../../host/host.ts";
import { useScreenStore } from "../../state/screen-store.ts";
import { DetailSection } from "../../transfers/detail/detail-section.tsx";
import { Facts } from "../../transfers/detail/facts.tsx";
import { HereSign } from "../here-cell.tsx";
import { useHereStore, wantDetailHere } from "../here-store.ts";
import { hereOf, hereSentence } from "../here-words.ts";
import { useFacts, wantDetail } from "./facts-store.ts";
import type { Known, Wanted } from "./facts-store.ts";
import { factLines } from "./fact-lines.ts";
import { GetModel } from "./get-model.tsx";
import { ModelCopy, NewerNote } from "./model-copy.tsx";
import { ModelFollow } from "./model-follow.tsx";
import type { ModelRow } from "./model-rows.ts";
import { describedOf } from "./model-rows.ts";
import { filesOfRow, toListed } from "./model-ticks.ts";
import { formatName, modelFiles, modelName, sizeOf, soleVariantWords } from "./model-words.ts";
import { variantName } from "./model-words.ts";
import { showModelDetail } from "./models-store.ts";
import { useModelActions } from "./use-model-actions.ts";
import panel from "../../transfers/detail/detail-panel.module.css";
import classes from "./model-detail.module.css";

type ModelDetailProps = {
  readonly row: ModelRow;
  /** It stands in the list's place, and not beside it. */
  readonly isAlone: boolean;
};

/** The focus goes back to the list. */
function close(): void {
  showModelDetail(null);
  requestAnimationFrame(() => {
    const row = document.querySelector<HTMLElement>(
      '[data-region="screen"] [role="row"][tabindex="0"]',
    );
    row?.focus();
  });
}

/** All that is known of a model, or of one of its variants. */
export function ModelDetail({ row, isAlone }: ModelDetailProps) {
  const place = useScreenStore((state) => state.place);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // In the list's place it takes the focus, which went with the list; beside it, it takes nothing.
    if (isAlone) title.current?.focus();
  }, [isAlone]);
  const { model } = row;
  const described = describedOf(row);
  useDetailHere(row, place);
  const name = modelName(model, place?.bucket ?? "");
  return (
    <aside
      className={panel.panel}
      aria-label={`Details of ${name}`}
      data-region="details"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) close();
      }}
    >
      <div className={panel.head}>
        <div className={panel.titles}>
          <h2 ref={title} tabIndex={-1} className={`${panel.title} lh-cut lh-selectable`}>
            {name}
          </h2>
          <Note row={row} />
        </div>
        <ActionIcon aria-label="Close the details" onClick={close}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </div>
      <div className={panel.body}>
        <NewerNote row={row} />
        <div className={classes.actions}>
          {place && <GetModel row={row} place={place} />}
          <Actions row={row} />
        </div>
        {described && (
          <ModelSection model={model} variant={described} isDeep={row.variant !== null} />
        )}
        <ModelCopy row={row} />
        <ModelFollow row={row} />
        {row.variant === null && <Variants row={row} />}
        <Files row={row} />
      </div>
    </aside>
  );
}

/** The list asks for the rows on screen only, and this may be of none of them. */
function useDetailHere(row: ModelRow, place: Destination | null): void {
  const client = useClient();
  useEffect(() => {
    if (!place) return undefined;
    wantDetailHere(client, place, filesOfRow(row).map(toListed));
    return () => wantDetailHere(client, place, []);
  }, [client, row, place]);
}

function Note({ row }: { readonly row: ModelRow }) {
  const { model, variant, isChild } = row;
  const known = useFacts(model, variant ?? undefined);
  const files = variant && isChild ? variant.files : modelFiles(model);
  const words = variant
    ? soleVariantWords(variant, known?.facts, files.length)
    : `${model.variants.length} variants, ${formatCount(files.length)} files`;
  return <p className={`${panel.note} lh-cut`}>{words}</p>;
}

function Actions({ row }: { readonly row: ModelRow }) {
  const act = useModelActions();
  return (
    <>
      <Button
        leftSection={<IconTerminal2 size={14} aria-hidden />}
        onClick={() => act(row, "command")}
      >
        Copy as command
      </Button>
      <ActionIcon variant="default" aria-label="Show the files" onClick={() => act(row, "files")}>
        <IconFolder size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" aria-label="Copy address" onClick={() => act(row, "copy")}>
        <IconCopy size={14} aria-hidden />
      </ActionIcon>
    </>
  );
}

/** What the heads say; of one variant all of it is read when this appears. */
function ModelSection({ model, variant, isDeep }: Wanted & { readonly isDeep: boolean }) {
  const client = useClient();
  const known = useFacts(model, variant);
  useEffect(() => {
    if (isDeep) void wantDetail(client, { model, variant });
  }, [client, model, variant, isDeep]);
  const isReading = !known || (isDeep && !known.isDeep);
  return (
    <DetailSection
      title="Model"
      aside={
        isReading && <Loader size={12} color="gray" role="img" aria-label="Reading the headers" />
      }
    >
      <Facts labelWidth={104} facts={factLines(known?.facts, isDeep)} />
      <Trouble
        known={known}
        variant={variant}
        onRetry={() => wantDetail(client, { model, variant })}
      />
    </DetailSection>
  );
}

type TroubleProps = {
  readonly known: Known | undefined;
  readonly variant: ModelVariant;
  readonly onRetry: () => Promise<void>;
};

function Trouble({ known, variant, onRetry }: TroubleProps) {
  if (known?.error) {
    return (
      <div className={classes.trouble} role="status">
        <p>The headers could not be read. {explainError(known.error).what}</p>
        <Button size="xs" onClick={() => void onRetry()}>
          Try again
        </Button>
      </div>
    );
  }
  if (known?.facts?.isAsNamed !== false) return null;
  return (
    <p className={classes.off}>
      <IconAlertTriangle size={14} aria-hidden />
      Its first bytes are not those of {variant.format === "onnx" ? "an" : "a"}{" "}
      {formatName(variant.format)} file. It may be a pointer to one, or damaged.
    </p>
  );
}

function Variants({ row: { model } }: { readonly row: ModelRow }) {
  const formats = useFormats();
  return (
    <DetailSection title="Variants">
      <ul className={classes.files}>
        {model.variants.map((variant) => (
          <li key={`${variant.format} ${variant.tag}`}>
            <Sign files={variant.files} />
            <span className="lh-cut">
              {variant.tag === ""
                ? variantName(variant, undefined)
                : `${variant.tag}, ${formatName(variant.format)}`}
            </span>
            <span className="lh-number">{formats.bytes(sizeOf(variant.files))}</span>
          </li>
        ))}
      </ul>
    </DetailSection>
  );
}

/** Files that are shown; the files view shows all. */
const MOST_SHOWN = 100;

function Files({ row }: { readonly row: ModelRow }) {
  const { model } = row;
  const files = filesOfRow(row);
  const sorted = files.toSorted((one, other) => (one.key < other.key ? -1 : 1));
  const shown = sorted.slice(0, MOST_SHOWN);
  const all = `${formatCount(files.length)}${model.isCut ? " and more" : ""}`;
  return (
    <DetailSection
      title="Files"
      aside={
        <span className="lh-number">
          {shown.length < files.length ? `${shown.length} of ${all} shown` : all}
        </span>
      }
    >
      <ul className={classes.files}>
        {shown.map((file) => (
          <FileLine key={file.key} file={file} prefix={model.prefix} />
        ))}
      </ul>
    </DetailSection>
  );
}

/** What is here of them, as the list has it. */
function Sign({ files }: { readonly files: readonly ModelFile[] }) {
  const here = useHereStore(useShallow((state) => hereOf(files, state.states)));
  if (here.kind === "unknown") return <span className={classes.sign} />;
  return (
    <span className={classes.sign} role="img" aria-label={hereSentence(here)}>
      <HereSign here={here} />
    </span>
  );
}

function FileLine({ file, prefix }: { readonly file: ModelFile; readonly prefix: string }) {
  const formats = useFormats();
  return (
    <li>
      <Sign files={[file]} />
      <span className="lh-cut lh-selectable" title={file.key}>
        {file.key.slice(prefix.length)}
      </span>
      <span className="lh-number">{formats.bytes(file.sizeBytes)}</span>
    </li>
  );
}
