import type { TransferDetail, TransferView } from "#shared/transfer.ts";
import { percentOf } from "../../common/byte-figures.ts";
import { ShareBar } from "../../common/share-bar.tsx";
import { useFormats } from "../../common/use-formats.ts";
import { barShares } from "../bar-shares.ts";
import type { Look } from "../look.ts";
import { lookOf } from "../look.ts";
import { useSentence } from "../use-sentence.ts";
import { DetailFacts } from "./detail-facts.tsx";
import { DetailReceipt } from "./detail-receipt.tsx";
import { DetailSection } from "./detail-section.tsx";
import { Figures } from "./figures.tsx";
import { PartMap } from "./part-map.tsx";
import { mapNote, mapWords } from "./map-words.ts";
import { ShareLegend } from "./share-legend.tsx";
import { SpeedGraph } from "./speed-graph.tsx";
import { speedWords } from "./speed-scale.ts";
import { TroubleDetail } from "./trouble-detail.tsx";
import { troubleOf } from "./trouble.ts";
import classes from "./detail-overview.module.css";

type DetailOverviewProps = {
  readonly view: TransferView;
  /** Null until the host has answered. */
  readonly detail: TransferDetail | null;
};

/** Top to bottom: what is wrong, how far, from where, how fast, which parts, what it is, what is proven. */
export function DetailOverview({ view, detail }: DetailOverviewProps) {
  const trouble = troubleOf(view);
  return (
    <>
      {trouble && <TroubleDetail view={view} trouble={trouble} />}
      <div className={trouble ? classes.below : undefined}>
        <Progress view={view} />
      </div>
      {detail && <Speed speed={detail.speed} />}
      {detail && <Map map={detail.map} />}
      <DetailFacts view={view} />
      <DetailReceipt view={view} />
    </>
  );
}

/** Looks whose bar has its full strength: bytes move, or all are where they belong. */
const BRIGHT: ReadonlySet<Look> = new Set(["moving", "verifying", "done"]);

function Progress({ view }: { readonly view: TransferView }) {
  const sentence = useSentence(view, false);
  const shares = view.state.phase === "done" ? doneShares(view) : barShares(view);
  return (
    <>
      <Figures view={view} />
      {shares && (
        <>
          <ShareBar
            {...shares}
            name={view.name}
            text={`${percentOf(view.doneBytes, view.totalBytes) ?? 0} percent, ${sentence}`}
            size={8}
            isStill={!BRIGHT.has(lookOf(view))}
          />
          <ShareLegend view={view} />
        </>
      )}
    </>
  );
}

function doneShares({ keptBytes, totalBytes }: TransferView) {
  if (totalBytes === 0) return null;
  const kept = (Math.min(keptBytes, totalBytes) / totalBytes) * 100;
  return { kept, moved: 100 - kept, flight: 0 };
}

function Speed({ speed }: { readonly speed: TransferDetail["speed"] }) {
  const formats = useFormats();
  if (speed.length < 2 || speed.every((rate) => rate === 0)) return null;
  return (
    <DetailSection title="Speed" aside={<span>{speedSpan(speed.length)}</span>}>
      <SpeedGraph samples={speed} label={speedWords(speed, formats)} height={88} />
    </DetailSection>
  );
}

function speedSpan(seconds: number): string {
  return seconds < 60 ? `last ${seconds} s` : `last ${Math.round(seconds / 60)} min`;
}

function Map({ map }: { readonly map: TransferDetail["map"] }) {
  if (map.total < 2) return null;
  return (
    <DetailSection
      title={map.unit === "part" ? "Parts" : "Files"}
      aside={<span>{mapNote(map)}</span>}
    >
      <PartMap cells={map.cells} label={mapWords(map)} />
    </DetailSection>
  );
}
