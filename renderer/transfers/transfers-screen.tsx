import { useStable } from "../common/use-stable.ts";
import { SidePane } from "../shell/side-pane.tsx";
import { useNarrow } from "../shell/use-narrow.ts";
import { useTransferStore } from "../state/transfer-store.ts";
import { UnfinishedList } from "../unfinished/unfinished-list.tsx";
import { useUnfinished } from "../unfinished/use-unfinished.ts";
import { CancelDialog } from "./cancel-dialog.tsx";
import { ClockBar } from "./clock-bar.tsx";
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
  const isUnfinished = useListStore((state) => state.filter.segment === "unfinished");
  return (
    <>
      <TransfersHeader isEmpty={isEmpty} />
      {isLoaded && isEmpty && !isUnfinished ? <FirstRun /> : <ListAndDetail />}
      <CancelDialog />
    </>
  );
}

/** The list stays the same element whether or not details are beside it, so that it keeps its place. */
function ListAndDetail() {
  const narrow = useNarrow();
  const current = useListStore((state) =>
    state.isDetailOpen && state.filter.segment !== "unfinished" ? state.current : null,
  );
  const isThere = useTransferStore((state) => current !== null && state.byId.has(current));
  const detail = current !== null && isThere ? <DetailPanel id={current} isAlone={narrow} /> : null;
  return (
    <div className={classes.split}>
      <div className={classes.list} hidden={narrow && detail !== null}>
        <ListPane />
      </div>
      {detail && <SidePane isAlone={narrow}>{detail}</SidePane>}
    </div>
  );
}

function ListPane() {
  const isUnfinished = useListStore((state) => state.filter.segment === "unfinished");
  return isUnfinished ? <UnfinishedTransfers /> : <FilteredList />;
}

function UnfinishedTransfers() {
  const text = useListStore((state) => state.filter.text);
  return <UnfinishedList unfinished={useUnfinished()} filter={text} />;
}

function FilteredList() {
  const filter = useListStore((state) => state.filter);
  const groups = useTransferStore(
    useStable((state) => layoutList(state.byId.values(), filter, Date.now()), isSameLayout),
  );
  return (
    <>
      <QuestionBars />
      <ClockBar />
      {groups.length === 0 ? <EmptyList /> : <TransferList groups={groups} />}
    </>
  );
}
