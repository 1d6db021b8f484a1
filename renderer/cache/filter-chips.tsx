import { Chip } from "@mantine/core";
import type { CacheFilter } from "#shared/cache.ts";
import { formatCount } from "../common/byte-figures.ts";
import { useFormats } from "../common/use-formats.ts";
import { lookAt, useCacheStore } from "./cache-store.ts";
import type { Counts } from "./use-counts.ts";
import { FILTERS } from "./use-counts.ts";
import { entriesText } from "./work-words.ts";
import classes from "./filter-chips.module.css";

const LABELS: Readonly<Record<(typeof FILTERS)[number], string>> = {
  all: "All",
  pinned: "Pinned",
  unused: "Not used for 90 days",
  trouble: "Needs attention",
  own: "Your own files",
};

/** One at a time; the first is everything. On the right, what the list adds up to. */
export function FilterChips({ counts }: { readonly counts: Counts | null }) {
  const filter = useCacheStore((state) => state.filter);
  const { bytes } = useFormats();
  const sum = counts?.get(filter);
  return (
    <div className={classes.filters}>
      <div className={classes.chips} role="group" aria-label="Show">
        {FILTERS.map((value) => (
          <Chip
            key={value}
            size="xs"
            variant="outline"
            checked={value === filter}
            classNames={{ label: classes.chip ?? "", iconWrapper: classes.icon ?? "" }}
            onChange={() => lookAt({ filter: value })}
          >
            {LABELS[value]} <Count counts={counts} filter={value} />
          </Chip>
        ))}
      </div>
      {sum && (
        <span className={`${classes.note} lh-number`}>
          {`${entriesText(sum.total)}, ${bytes(sum.sizeBytes)}`}
        </span>
      )}
    </div>
  );
}

type CountProps = { readonly counts: Counts | null; readonly filter: CacheFilter };

function Count({ counts, filter }: CountProps) {
  const count = counts?.get(filter);
  return count ? <span className={classes.count}>{formatCount(count.total)}</span> : null;
}
