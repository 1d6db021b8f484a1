import { useEffect, useRef } from "react";
import { ActionIcon, Tabs } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import { formatCount } from "../../common/byte-figures.ts";
import { useTransfer } from "../../state/transfer-store.ts";
import { listState } from "../list-store.ts";
import { remoteOf } from "../place-text.ts";
import { variantText } from "../row-text.ts";
import { DetailFiles } from "./detail-files.tsx";
import { DetailLog } from "./detail-log.tsx";
import { DetailOverview } from "./detail-overview.tsx";
import { useDetail } from "./use-detail.ts";
import classes from "./detail-panel.module.css";

type DetailPanelProps = {
  readonly id: TransferId;
  /** It stands in the list's place, and not beside it. */
  readonly isAlone: boolean;
};

/** Everything about one transfer, beside the list, or in its place in a narrow window. */
export function DetailPanel({ id, isAlone }: DetailPanelProps) {
  const view = useTransfer(id);
  return view ? <Panel key={id} view={view} isAlone={isAlone} /> : null;
}

type PanelProps = { readonly view: TransferView; readonly isAlone: boolean };

/** The focus goes back to the row. */
function close(id: TransferId): void {
  listState().openDetail(false);
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>(`[role="row"][data-id="${id}"]`)?.focus();
  });
}

function Panel({ view, isAlone }: PanelProps) {
  const detail = useDetail(view.id);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // In the list's place it takes the focus, which went with the list; beside it, it takes nothing.
    if (isAlone) title.current?.focus();
  }, [isAlone]);
  return (
    <aside
      className={classes.panel}
      aria-label={`Details of ${view.name}`}
      data-region="details"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) close(view.id);
      }}
    >
      <div className={classes.head}>
        <div className={classes.titles}>
          <h2
            ref={title}
            tabIndex={-1}
            className={`${classes.title} lh-cut lh-selectable`}
            title={view.name}
          >
            {view.name}
          </h2>
          <p className={`${classes.note} lh-cut`}>{noteOf(view)}</p>
        </div>
        <ActionIcon aria-label="Close the details" onClick={() => close(view.id)}>
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
