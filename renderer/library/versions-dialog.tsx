import { useCallback, useEffect, useState } from "react";
import { Button, Loader, Modal } from "@mantine/core";
import type { LibraryVersion } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { Destination } from "#shared/settings.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { momentText } from "../common/clock-text.ts";
import { homePath } from "../common/home-path.ts";
import { TroubleNote } from "../common/trouble-note.tsx";
import { useFormats } from "../common/use-formats.ts";
import { useNow } from "../common/use-now.ts";
import { useClient } from "../host/host.ts";
import { notifyTrouble } from "../host/use-act.ts";
import { useNoticeStore } from "../state/notice-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import type { TargetFolder } from "./target-folder.ts";
import { showVersions, useVersionsStore } from "./versions-store.ts";
import classes from "./versions-dialog.module.css";

/** What an object was at other times, the newest first, each to get. */
export function VersionsDialog({ target }: { readonly target: TargetFolder | undefined }) {
  const shown = useVersionsStore((state) => state.shown);
  return (
    <Modal
      opened={shown !== null}
      onClose={() => showVersions(null)}
      title={`Versions of ${shown?.name ?? ""}`}
      size={640}
      yOffset={64}
    >
      {shown && <Versions key={shown.objectKey} {...shown} target={target} />}
    </Modal>
  );
}

type VersionsProps = {
  readonly place: Destination;
  readonly objectKey: string;
  readonly name: string;
  readonly target: TargetFolder | undefined;
};

function Versions(props: VersionsProps) {
  const { place, objectKey } = props;
  const { versions, cursor, error, isLoading, more } = useVersions(place, objectKey);
  if (error && versions.length === 0) {
    return (
      <TroubleNote error={error}>
        <Button onClick={more}>Try again</Button>
      </TroubleNote>
    );
  }
  const isOnly = versions.length === 1 && cursor === null;
  return (
    <>
      {isOnly && <p className={classes.note}>There is but this one: the bucket keeps no others.</p>}
      <ul className={classes.list} aria-label={`Versions of ${props.name}`}>
        {versions.map((version) => (
          <Version
            key={`${version.versionId} ${version.modifiedAtMs}`}
            version={version}
            {...props}
          />
        ))}
      </ul>
      {isLoading && <Loader size={14} color="gray" aria-label="Listing versions" />}
      {cursor !== null && !isLoading && <Button onClick={more}>List more</Button>}
    </>
  );
}

type VersionProps = VersionsProps & { readonly version: LibraryVersion };

function Version({ version, place, name, target }: VersionProps) {
  const formats = useFormats();
  const nowMs = useNow(false);
  const get = useGetVersion(place, name, target);
  const { versionId, isLatest, isDeletion } = version;
  const when = momentText(version.modifiedAtMs, nowMs);
  const size = formats.bytes(version.sizeBytes);
  return (
    <li className={classes.version}>
      <span className="lh-number">{when}</span>
      <span className={`${classes.id} lh-mono lh-cut lh-selectable`} title={versionId ?? ""}>
        {versionId ?? "without an id"}
      </span>
      <span className={classes.latest}>{isLatest && "newest"}</span>
      <span className={`${classes.what} lh-number`}>{isDeletion ? "deleted then" : size}</span>
      {isDeletion ? (
        <span />
      ) : (
        <Button
          size="xs"
          disabled={!target}
          aria-label={`Get the version of ${when}, ${size}`}
          onClick={() => void get(version)}
        >
          Get
        </Button>
      )}
    </li>
  );
}

/** Beside what is in the folder already: somebody who wants an old version may have the new one. */
function useGetVersion(place: Destination, name: string, target: TargetFolder | undefined) {
  const client = useClient();
  const host = useStatusStore((state) => state.host);
  return async ({ key, versionId }: LibraryVersion) => {
    if (!target) return;
    const { profileId, bucket } = place;
    try {
      await client.call("transfer.download", {
        profileId,
        bucket,
        keys: [key],
        folder: target.ref,
        onConflict: "keep-both",
        ...(versionId !== null && { versionId }),
      });
      const into = homePath(target.path, host);
      useNoticeStore.getState().notify(`Getting ${name} into ${into}. See Transfers.`);
    } catch (error) {
      notifyTrouble(error);
    }
  };
}

function useVersions(place: Destination, key: string) {
  const client = useClient();
  const [versions, setVersions] = useState<readonly LibraryVersion[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<ErrorInfo | null>(null);
  const [isLoading, setLoading] = useState(true);
  const { profileId, bucket } = place;
  const ask = useCallback(
    (from: string | null) => {
      const asked = { profileId, bucket, prefix: key, isKey: true, cursor: from };
      client.call("library.versions", asked).then(
        (page) => {
          setVersions((before) => [...(from === null ? [] : before), ...page.versions]);
          setCursor(page.cursor);
          setError(null);
          setLoading(false);
        },
        (thrown: unknown) => {
          setError(toErrorInfo(thrown));
          setLoading(false);
        },
      );
    },
    [client, profileId, bucket, key],
  );
  useEffect(() => ask(null), [ask]);
  const more = () => {
    setLoading(true);
    ask(cursor);
  };
  return { versions, cursor, error, isLoading, more };
}
