import type { ReactNode } from "react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Anchor, Button, Checkbox, Loader } from "@mantine/core";
import type { LocalRef } from "#shared/transfer-request.ts";
import type { TargetFolder } from "./target-folder.ts";
import { EnterKey } from "../common/enter-key.tsx";
import { homePath } from "../common/home-path.ts";
import { useFormats } from "../common/use-formats.ts";
import { useClient } from "../host/host.ts";
import { useSettings } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { joinPath } from "../common/join-path.ts";
import { useHereChanges } from "./here-store.ts";
import { countTicked } from "./models/model-ticks.ts";
import { useModelsStore } from "./models/models-store.ts";
import type { OnlyArchive } from "./only-archive.ts";
import { onlyArchive } from "./only-archive.ts";
import { blockedWords, fetchBytesOf, getWords, isAllHere } from "./sync-words.ts";
import { spaceWords, tickedWords, timeWords } from "./sync-words.ts";
import { TargetSelect } from "./target-select.tsx";
import { clearTicks, measureAgain, tickInto, useTickStore } from "./tick-store.ts";
import type { TickSum } from "./ticks.ts";
import { sumTicks } from "./ticks.ts";
import { useSpace } from "./use-space.ts";
import classes from "./sync-bar.module.css";

type SyncBarProps = {
  readonly bucket: string;
  readonly targets: readonly TargetFolder[];
  readonly isStarting: boolean;
  readonly onGet: () => void;
};

/** What the ticks add up to, before anything moves: how much, from where, and whether it fits. */
export function SyncBar({ bucket, targets, isStarting, onGet }: SyncBarProps) {
  const formats = useFormats();
  const ticks = useTickStore((state) => state.ticks);
  const measures = useTickStore((state) => state.measures);
  const objects = useTickStore((state) => state.objects);
  const space = useSpace(targets[0]?.ref, ticks.size > 0);
  const unpackedKey = useTickStore((state) => state.unpackedKey);
  const bytesPerSecond = useBestSpeed();
  useMeasures(targets[0]?.ref ?? null);
  const count = useTickCount();
  if (ticks.size === 0) return null;
  const isCounted = objects?.ticks === ticks;
  const sum = sumTicks(ticks, measures, isCounted ? objects.hereBytes : 0);
  const fit = spaceWords(sum, space, formats);
  const archive = onlyArchive(ticks);
  const isUnpacked = archive !== null && archive.key === unpackedKey;
  const blocked = blockedWords(sum, isUnpacked);
  return (
    <section className={classes.bar} aria-label="Ticked">
      <div className={classes.block}>
        <span className={classes.main}>{tickedWords({ ...sum, count }, formats)}</span>
        <Anchor component="button" fz={12} onClick={clearTicks}>
          Clear
        </Anchor>
      </div>
      <div className={classes.source}>
        <Sources sum={sum} bucket={bucket} blocked={blocked}>
          {archive && <UnpackBox archive={archive} target={targets[0]} isTicked={isUnpacked} />}
        </Sources>
      </div>
      <div className={classes.block}>
        <TargetSelect targets={targets} />
        <span className={`${classes.note} lh-number`} data-short={fit.isShort || undefined}>
          {fit.text}
        </span>
      </div>
      <div className={classes.go}>
        <span className={`${classes.note} lh-number`}>{timeWords(sum, bytesPerSecond)}</span>
        <GetButton
          words={getWords(sum, formats, isUnpacked)}
          isReady={blocked === null && targets.length > 0}
          isStarting={isStarting}
          onGet={onGet}
        />
      </div>
    </section>
  );
}

type GetButtonProps = Pick<SyncBarProps, "isStarting" | "onGet"> & {
  readonly words: string;
  readonly isReady: boolean;
};

function GetButton({ words, isReady, isStarting, onGet }: GetButtonProps) {
  return (
    <Button
      size="md"
      variant="filled"
      rightSection={isReady && <EnterKey />}
      disabled={!isReady}
      loading={isStarting}
      onClick={onGet}
    >
      {words}
    </Button>
  );
}

function Counting({ prefixCount }: { readonly prefixCount: number }) {
  return (
    <span className={classes.legend}>
      <Loader size={12} color="gray" aria-hidden />
      Counting what is under {prefixCount === 1 ? "1 prefix" : `${prefixCount} prefixes`}
    </span>
  );
}

type UnpackBoxProps = {
  readonly archive: OnlyArchive;
  readonly target: TargetFolder | undefined;
  readonly isTicked: boolean;
};

function UnpackBox({ archive, target, isTicked }: UnpackBoxProps) {
  const host = useStatusStore((state) => state.host);
  if (!target) return null;
  const into = homePath(joinPath(target.path, archive.folderName, host), host);
  return (
    <Checkbox
      size="xs"
      label={`Unpack into ${into}`}
      checked={isTicked}
      onChange={({ currentTarget }) =>
        useTickStore.setState({ unpackedKey: currentTarget.checked ? archive.key : null })
      }
    />
  );
}

type SourcesProps = {
  readonly sum: TickSum;
  readonly bucket: string;
  readonly blocked: string | null;
  /** Beside the words. */
  readonly children: ReactNode;
};

/** Where the bytes are: in the folder already, and in the bucket. */
function Sources({ sum, bucket, blocked, children }: SourcesProps) {
  const formats = useFormats();
  if (sum.measuring > 0) return <Counting prefixCount={sum.measuring} />;
  const fetchBytes = fetchBytesOf(sum);
  const here = `${formats.bytes(sum.hereBytes)} here`;
  const from = `${sum.isAtLeast ? "at least " : ""}${formats.bytes(fetchBytes)} from ${bucket}`;
  return (
    <>
      <div className={classes.shares} aria-hidden>
        {sum.hereBytes > 0 && <span data-part="here" style={{ flexGrow: sum.hereBytes }} />}
        {fetchBytes > 0 && <span data-part="bucket" style={{ flexGrow: fetchBytes }} />}
      </div>
      <div className={classes.words}>
        <span className={classes.legend}>
          {sum.hereBytes > 0 && <span className={classes.swatch} data-part="here" aria-hidden />}
          {sum.hereBytes > 0 && !isAllHere(sum) && here}
          {blocked === null && (
            <>
              <span className={classes.swatch} data-part="bucket" aria-hidden />
              <span className="lh-cut">{from}</span>
            </>
          )}
          {blocked !== null && <span className="lh-cut">{blocked}</span>}
        </span>
        {children}
      </div>
    </>
  );
}

/** As the list on screen has its rows: of models, or of files. */
function useTickCount(): number {
  const ticks = useTickStore((state) => state.ticks);
  const models = useModelsStore((state) => state.models);
  const { libraryView } = useSettings();
  return useMemo(
    () => (libraryView === "models" ? countTicked(models, ticks) : ticks.size),
    [libraryView, models, ticks],
  );
}

/** What is in the folder is measured with the ticks, and again when files came or went. */
function useMeasures(folder: LocalRef | null): void {
  const client = useClient();
  useEffect(() => tickInto(client, folder), [client, folder]);
  const onChange = useCallback(() => measureAgain(client), [client]);
  // Nobody listened while the Library was not on screen.
  useEffect(onChange, [onChange]);
  useHereChanges(onChange);
}

/** The fastest that this window has seen, within the limit of now; 0 where nothing has moved yet. */
function useBestSpeed(): number {
  const bytesPerSecond = useStatusStore((state) => state.downBytesPerSecond);
  const [best, setBest] = useState(0);
  if (bytesPerSecond > best) setBest(bytesPerSecond);
  return best;
}
