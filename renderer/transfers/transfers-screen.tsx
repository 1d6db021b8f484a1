import { useEffect } from "react";
import { Splitter } from "@mantine/core";
import { useStable } from "../common/use-stable.ts";
import { useAct } from "../host/use-act.ts";
import { useNarrow } from "../shell/use-narrow.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { CancelDialog } from "./cancel-dialog.tsx";
import { DetailPanel } from "./detail/detail-panel.tsx";
import { EmptyList } from "./empty-list.tsx";
import { FirstRun } from "./first-run.tsx";
import { isSameLayout, layoutList } from "./list-layout.ts";
import { useListStore } from "./list-store.ts";
import { QuestionBars } from "./question-bar.tsx";
import { TransferList } from "./transfer-list.tsx";
import { TransfersHeader } from "./transfers-header.tsx";
import classes from "./transfers-screen.module.css";

export function TransfersScreen() {
  const isLoaded = useTransferStore((state) => state.isLoaded);
  const isEmpty = useTransferStore((state) => state.byId.size === 0);
  return (
    <>
      <TransfersHeader isEmpty={isEmpty} />
      {isLoaded && isEmpty ? <FirstRun /> : <ListAndDetail />}
      <CancelDialog />
    </>
  );
}

function ListAndDetail() {
  const narrow = useNarrow();
  const current = useListStore((state) => (state.isDetailOpen ? state.current : null));
  const isThere = useTransferStore((state) => current !== null && state.byId.has(current));
  if (current === null || !isThere) return <ListPane />;
  if (narrow) return <DetailPanel id={current} />;
  return (
    <SplitPanes>
      <DetailPanel id={current} />
    </SplitPanes>
  );
}

function SplitPanes({ children }: { readonly children: React.ReactNode }) {
  const act = useAct();
  const width = useSettingsStore((state) => state.settings.detailWidth);
  return (
    <Splitter
      className={classes.split}
      lineSize={0}
      withHandle={false}
      onResizeEnd={(_handle, sizes) => {
        const pixels = Number.parseFloat(String(sizes[1]));
        if (Number.isFinite(pixels)) act("settings.set", { detailWidth: Math.round(pixels) });
      }}
    >
      <Splitter.Pane defaultSize={100} min={40}>
        <ListPane />
      </Splitter.Pane>
      <Splitter.Pane defaultSize={`${width}px`} min="320px" max="560px">
        {children}
      </Splitter.Pane>
    </Splitter>
  );
}

function ListPane() {
  const filter = useListStore((state) => state.filter);
  const groups = useTransferStore(
    useStable((state) => layoutList(state.byId.values(), filter, Date.now()), isSameLayout),
  );
  useEffect(() => {
    document.title = titleOf(groups.find((group) => group.name === "asking")?.rows.length ?? 0);
  }, [groups]);
  return (
    <div className={classes.list}>
      <QuestionBars />
      {groups.length === 0 ? <EmptyList /> : <TransferList groups={groups} />}
    </div>
  );
}

function titleOf(asking: number): string {
  return asking > 0 ? `(${asking}) Longhaul` : "Longhaul";
}
