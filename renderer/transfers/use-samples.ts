import { useEffect, useState } from "react";
import type { Client } from "#shared/client.ts";
import type { Profile } from "#shared/profile.ts";
import type { Destination } from "#shared/settings.ts";
import { useClient } from "../host/host.ts";
import { useProfileStore } from "../state/profile-store.ts";

type Sample = {
  /** An object's key, or a prefix ending in `/`. */
  readonly key: string;
  readonly sizeBytes: number;
};
export type Samples = { readonly place: Destination; readonly items: readonly Sample[] };

/** More would not fit the card. */
const SAMPLES_SHOWN = 4;

/** What lies in the practice bucket; null while there is none, or it is not known. */
export function useSamples(): Samples | null {
  const client = useClient();
  const practice = useProfileStore((state) =>
    state.profiles?.find(({ profile }) => profile.preset === "practice"),
  )?.profile;
  const [samples, setSamples] = useState<Samples | null>(null);
  useEffect(() => {
    if (!practice) return undefined;
    let isGone = false;
    findSamples(client, practice)
      .then((found) => {
        if (!isGone) setSamples(found);
      })
      // The card is left out; the Library says what is wrong with the bucket.
      .catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, [client, practice]);
  return samples;
}

async function findSamples({ call }: Client, { id, bucket }: Profile): Promise<Samples | null> {
  const buckets = bucket === null ? await call("library.buckets", { profileId: id }) : [bucket];
  const first = buckets[0];
  if (first === undefined) return null;
  const place = { profileId: id, bucket: first, prefix: "" };
  const page = await call("library.list", { ...place, cursor: null });
  const prefixes = page.prefixes.slice(0, SAMPLES_SHOWN).map(async (prefix) => {
    const measured = await call("library.measure", {
      profileId: id,
      bucket: first,
      prefixes: [prefix],
    });
    return { key: prefix, sizeBytes: measured.sizeBytes };
  });
  const objects = page.objects.map(({ key, sizeBytes }) => ({ key, sizeBytes }));
  const items = [...(await Promise.all(prefixes)), ...objects].slice(0, SAMPLES_SHOWN);
  return { place, items };
}

export function sampleName(key: string): string {
  return key.replace(/\/$/, "");
}

/** Profiles of `~/.aws` that Longhaul does not know yet. */
export function useAwsNames(): readonly string[] {
  const client = useClient();
  const [names, setNames] = useState<readonly string[]>([]);
  const known = useProfileStore((state) => state.profiles);
  useEffect(() => {
    let isGone = false;
    client
      .call("profile.awsNames", null)
      .then((found) => {
        if (!isGone) setNames(found);
      })
      // Without the list the card offers the editor.
      .catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, [client]);
  return names.filter(
    (name) =>
      !known?.some(
        ({ profile: { credentials } }) =>
          credentials.kind === "aws-profile" && credentials.profileName === name,
      ),
  );
}
