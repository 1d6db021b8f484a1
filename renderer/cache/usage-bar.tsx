import { Tooltip } from "@mantine/core";
import type { CacheFolder } from "#shared/cache.ts";
import { useFormats } from "../common/use-formats.ts";
import { freeText, keptText, usageOf } from "./usage.ts";
import classes from "./usage-bar.module.css";

/** What fills a disk, in shades of ink: hues are kept for where bytes come from. */
export function UsageBar({ folder }: { readonly folder: CacheFolder }) {
  const formats = useFormats();
  const usage = usageOf(folder);
  if (!usage) return null;
  const { bytes } = formats;
  const spoken = `${keptText(folder, formats)}, ${freeText(folder, formats)}, ${bytes(folder.keepFreeBytes)} stay free`;
  return (
    <div className={classes.holder} role="img" aria-label={spoken}>
      <div className={classes.bar}>
        {(["other", "pinned", "kept"] as const).map(
          (kind) =>
            usage[kind] > 0 && (
              <span
                key={kind}
                className={classes.part}
                data-kind={kind}
                style={{ width: `${usage[kind]}%` }}
              />
            ),
        )}
      </div>
      {usage.limitAt !== null && folder.quotaBytes !== null && (
        <Tooltip label={`At most ${bytes(folder.quotaBytes)} kept`}>
          <span className={classes.limit} style={{ left: `${usage.limitAt}%` }} />
        </Tooltip>
      )}
      {usage.floor > 0 && (
        <Tooltip label={`${bytes(folder.keepFreeBytes)} stay free`}>
          <span className={classes.floor} style={{ width: `${usage.floor}%` }} />
        </Tooltip>
      )}
    </div>
  );
}
