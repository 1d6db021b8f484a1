import { useCallback, useMemo } from "react";
import { Button } from "@mantine/core";
import type { Destination } from "#shared/settings.ts";
import { homePath } from "../../common/home-path.ts";
import { useAsked } from "../../common/use-asked.ts";
import { useFormats } from "../../common/use-formats.ts";
import { useClient } from "../../host/host.ts";
import { useStatusStore } from "../../state/status-store.ts";
import { isHereChange } from "../here-store.ts";
import { measureObjects } from "../measure-ticks.ts";
import { getWords, isAllHere } from "../sync-words.ts";
import type { TargetFolder } from "../target-folder.ts";
import type { TickSum } from "../ticks.ts";
import { setTicks, sumTicks } from "../ticks.ts";
import { useGetThese } from "../use-get.ts";
import { useTargets } from "../use-targets.ts";
import type { ModelRow } from "./model-rows.ts";
import { filesOfRow, rowsOf, tickRow } from "./model-ticks.ts";

type GetModelProps = { readonly row: ModelRow; readonly place: Destination };

/** Gets what the details are of, whatever is ticked: as its tick alone would. */
export function GetModel({ row, place }: GetModelProps) {
  const formats = useFormats();
  const host = useStatusStore((state) => state.host);
  const [target] = useTargets();
  const ticks = useMemo(() => tickRow(row, true, new Map()), [row]);
  const sum = useSum(row, place, target);
  const { getThese } = useGetThese(place, target);
  if (!target) return null;
  const isHere = sum !== null && isAllHere(sum);
  return (
    // It keeps the focus when there is nothing to get any more.
    <Button
      variant="filled"
      title={`Into ${homePath(target.path, host)}`}
      aria-disabled={isHere}
      {...(isHere && { "data-disabled": true })}
      onClick={() => {
        if (!isHere) void getThese({ ticks, into: null });
      }}
    >
      {sum === null ? "Get" : getWords(sum, formats)}
    </Button>
  );
}

/**
 * What it comes to; null while that is being found out, and of a model with more files than are listed:
 * to count them is a listing each time.
 */
function useSum(
  row: ModelRow,
  { profileId, bucket }: Destination,
  target: TargetFolder | undefined,
): TickSum | null {
  const client = useClient();
  const ask = useCallback(async () => {
    if (!target || row.model.isCut) return null;
    const place = { at: { profileId, bucket }, folder: target.ref };
    const files = setTicks(new Map(), rowsOf(row.model, filesOfRow(row)), true);
    const hereBytes = await measureObjects(client, place, files);
    return { row, target, sum: sumTicks(files, new Map(), hereBytes) };
  }, [client, profileId, bucket, target, row]);
  const { value } = useAsked(ask, isHereChange);
  return value?.row === row && value.target === target ? value.sum : null;
}
