import { createContext, use, useState } from "react";
import { SegmentedControl } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircle,
  IconCircleCheckFilled,
  IconCircleMinus,
  IconCircleX,
  IconLoader,
} from "@tabler/icons-react";
import type { ItemPhase, ItemView, TransferView } from "#shared/transfer.ts";
import { percentOf } from "../../common/byte-figures.ts";
import type { RowPages } from "../../common/row-pages.ts";
import { ShareBar } from "../../common/share-bar.tsx";
import { useFormats } from "../../common/use-formats.ts";
import { VirtualGrid } from "../../common/virtual-grid.tsx";
import { ItemCard } from "./item-card.tsx";
import { itemFilters, spokenItem } from "./item-words.ts";
import { useItemPages } from "./use-item-pages.ts";
import classes from "./detail-files.module.css";

/** Every file of a transfer, of which only those on screen are asked for. */
export function DetailFiles({ view }: { readonly view: TransferView }) {
  const [shown, setShown] = useState("all");
  const filters = itemFilters(view);
  const filter = filters.find(({ value }) => value === shown) ?? filters[0];
  return (
    <>
      {filters.length > 1 && (
        <div className={classes.tools}>
          <SegmentedControl
            aria-label="Files"
            value={filter?.value ?? "all"}
            onChange={setShown}
            data={filters.map(({ value, label }) => ({ value, label }))}
          />
        </div>
      )}
      <ItemList key={filter?.value} view={view} phases={filter?.phases ?? NO_PHASES} />
    </>
  );
}

const NO_PHASES: readonly ItemPhase[] = [];

type ItemListProps = { readonly view: TransferView; readonly phases: readonly ItemPhase[] };

function ItemList({ view, phases }: ItemListProps) {
  const formats = useFormats();
  const { pages, rows } = useItemPages(view.id, phases);
  const [active, setActive] = useState<number | null>(null);
  const item = active === null ? undefined : pages.at(active);
  return (
    <ItemPagesContext value={pages}>
      <VirtualGrid
        label={`Files of ${view.name}`}
        columns={classes.columns}
        head={
          <>
            <span role="columnheader">Name</span>
            <span role="columnheader">State</span>
            <span role="columnheader">Size</span>
          </>
        }
        rows={rows}
        labelOf={(index) => spokenItem(pages.at(index), formats)}
        isSelected={(index) => index === active}
        Cells={ItemCells}
        onRowKey={() => undefined}
        onActive={setActive}
        onRange={(start, end) => void pages.look(start, end)}
      />
      {item && <ItemCard item={item} direction={view.direction} />}
    </ItemPagesContext>
  );
}

const ItemPagesContext = createContext<RowPages<ItemView> | null>(null);

function ItemCells({ row }: { readonly row: number }) {
  const { bytes } = useFormats();
  const item = use(ItemPagesContext)?.at(row);
  if (!item) return <span role="gridcell">…</span>;
  return (
    <>
      <span role="gridcell" className={classes.name} title={item.name}>
        <PathCells path={item.name} />
      </span>
      <span role="gridcell" className={classes.state}>
        <ItemState item={item} />
      </span>
      <span role="gridcell" className={`${classes.size} lh-number`}>
        {bytes(item.sizeBytes)}
      </span>
    </>
  );
}

/** Too long, its folders are cut first: the end tells one file from the next. */
function PathCells({ path }: { readonly path: string }) {
  const end = path.lastIndexOf("/") + 1;
  return (
    <>
      <span className={`${classes.folders} lh-cut`}>{path.slice(0, end)}</span>
      <span className="lh-cut">{path.slice(end)}</span>
    </>
  );
}

function ItemState({ item }: { readonly item: ItemView }) {
  switch (item.phase) {
    case "done":
      return <IconCircleCheckFilled size={15} role="img" aria-label="Done" />;
    case "arriving":
    case "arrived":
    case "waiting":
      return <IconCircle size={15} stroke={1.5} role="img" aria-label="Waiting" />;
    case "verifying":
      return <IconLoader size={15} role="img" aria-label="Verifying" />;
    case "asking":
      return <IconAlertTriangle className={classes.warn} size={15} role="img" aria-label="Asks" />;
    case "skipped":
      return <IconCircleMinus size={15} stroke={1.5} role="img" aria-label="Left out" />;
    case "failed":
      return <IconCircleX className={classes.danger} size={15} role="img" aria-label="Failed" />;
    case "moving":
      return <MovingBar item={item} />;
    default:
      return item.phase satisfies never;
  }
}

function MovingBar({ item }: { readonly item: ItemView }) {
  const percent = percentOf(item.doneBytes, item.sizeBytes) ?? 0;
  return (
    <ShareBar
      kept={0}
      moved={percent}
      flight={Math.min(6, 100 - percent)}
      name={item.name}
      text={`${percent} percent`}
      size={4}
    />
  );
}
