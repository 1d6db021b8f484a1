import { ActionIcon, Tabs } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import { formatCount } from "../../common/byte-figures.ts";
import { useTransfer } from "../../state/transfer-store.ts";
import { useListStore } from "../list-store.ts";
import { remoteOf } from "../place-text.ts";
import { variantText } from "../row-text.ts";
import { DetailFiles } from "./detail-files.tsx";
import { DetailLog } from "./detail-log.tsx";
import { DetailOverview } from "./detail-overview.tsx";
import { useDetail } from "./use-detail.ts";
import classes from "./detail-panel.module.css";

/** Everything about one transfer, beside the list, or in its place in a narrow window. */
export function DetailPanel({ id }: { readonly id: TransferId }) {
  const view = useTransfer(id);
  return view ? <Panel key={id} view={view} /> : null;
}

function Panel({ view }: { readonly view: TransferView }) {
  const openDetail = useListStore((state) => state.openDetail);
  const detail = useDetail(view.id);
  return (
    <aside
      className={classes.panel}
      aria-label={`Details of ${view.name}`}
      data-region="details"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) openDetail(false);
      }}
    >
      <div className={classes.head}>
        <div className={classes.titles}>
          <h2 className={`${classes.title} lh-cut lh-selectable`} title={view.name}>
            {view.name}
          </h2>
          <p className={`${classes.note} lh-cut`}>{noteOf(view)}</p>
        </div>
        <ActionIcon aria-label="Close the details" onClick={() => openDetail(false)}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </div>
      <Tabs defaultValue="overview" keepMounted={false} className={classes.tabs}>
        <Tabs.List className={classes.list} aria-label="Details">
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="files">
            Files <span className={classes.count}>{formatCount(view.itemCount)}</span>
          </Tabs.Tab>
          <Tabs.Tab value="log">Log</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview" className={classes.body}>
          <DetailOverview view={view} detail={detail} />
        </Tabs.Panel>
        <Tabs.Panel value="files" className={classes.files}>
          <DetailFiles view={view} />
        </Tabs.Panel>
        <Tabs.Panel value="log" className={classes.body}>
          <DetailLog lines={detail?.log ?? null} />
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}

function noteOf(view: TransferView): string {
  const bucket = remoteOf(view)?.bucket ?? "";
  const way = view.direction === "download" ? `from ${bucket}` : `to ${bucket}`;
  const files = variantText(view);
  return files === "" ? way : `${files}, ${way}`;
}
