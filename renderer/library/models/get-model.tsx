import { useCallback, useEffect, useMemo, useState } from "react";
import { Button } from "@mantine/core";
import type { Destination } from "#shared/settings.ts";
import { homePath } from "../../common/home-path.ts";
import { useFormats } from "../../common/use-formats.ts";
import { useClient } from "../../host/host.ts";
import { useStatusStore } from "../../state/status-store.ts";
import { useHereChanges } from "../here-store.ts";
import { measureTicks } from "../measure-ticks.ts";
import { blockedWords, getWords } from "../sync-words.ts";
import type { TargetFolder } from "../target-folder.ts";
import type { Ticks, TickSum } from "../ticks.ts";
import { useGetThese } from "../use-get.ts";
import { useTargets } from "../use-targets.ts";
import type { ModelRow } from "./model-rows.ts";
import { tickRow } from "./model-ticks.ts";

type GetModelProps = { readonly row: ModelRow; readonly place: Destination };

/** Gets what the details are of, whatever is ticked: as its tick alone would. */
export function GetModel({ row, place }: GetModelProps) {
  const formats = useFormats();
  const host = useStatusStore((state) => state.host);
  const [target] = useTargets();
  const ticks = useMemo(() => tickRow(row, true, new Map()), [row]);
  const sum = useSum(ticks, place, target);
  const { getThese, isStarting } = useGetThese(place, target);
  if (!target) return null;
  return (
    <Button
      variant="filled"
      title={`Into ${homePath(target.path, host)}`}
      disabled={sum !== null && blockedWords(sum) !== null}
      loading={isStarting}
      onClick={() => void getThese({ ticks, into: null })}
    >
      {sum === null ? "Get" : getWords(sum, formats)}
    </Button>
  );
}

/** Null while it is being found out; found out again when files came or went. */
function useSum(
  ticks: Ticks,
  { profileId, bucket }: Destination,
  target: TargetFolder | undefined,
): TickSum | null {
  const client = useClient();
  const [found, setFound] = useState<{ of: TargetFolder; ticks: Ticks; sum: TickSum }>();
  const ask = useCallback(() => {
    if (!target) return;
    const place = { at: { profileId, bucket }, folder: target.ref };
    void measureTicks(client, place, ticks).then((sum) => setFound({ of: target, ticks, sum }));
  }, [client, profileId, bucket, target, ticks]);
  useEffect(ask, [ask]);
  useHereChanges(ask);
  return found?.ticks === ticks && found.of === target ? found.sum : null;
}
