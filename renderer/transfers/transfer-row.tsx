import { memo } from "react";
import { ActionIcon, UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowRight,
  IconClock,
  IconDots,
  IconFolderOpen,
  IconGauge,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipForwardFilled,
  IconRefresh,
  IconRefreshAlert,
  IconShieldCheck,
} from "@tabler/icons-react";
import type { TransferView } from "#shared/transfer.ts";
import { ShareBar } from "../common/share-bar.tsx";
import type { Formats } from "../common/use-formats.ts";
import { useFormats } from "../common/use-formats.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useTransfer } from "../state/transfer-store.ts";
import { AnswerStrip } from "./answer-strip.tsx";
import { barShares } from "./bar-shares.ts";
import type { ListRow } from "./list-layout.ts";
import type { Look } from "./look.ts";
import { lookOf } from "./look.ts";
import { routeText } from "./place-text.ts";
import { isSettled, primaryAction } from "./row-commands.ts";
import { amountText, rowPercent, spokenRow, variantText } from "./row-text.ts";
import { waitsForSignIn } from "./sentence.ts";
import { TransferGlyph } from "./transfer-glyph.tsx";
import { useSentence } from "./use-sentence.ts";
import classes from "./transfer-row.module.css";

type TransferRowProps = {
  readonly row: ListRow;
  /** Counted from 1, over all groups. */
  readonly rowIndex: number;
  /** Pixels from the top of its group. */
  readonly top: number;
  readonly height: number;
  readonly isTabStop: boolean;
  readonly isSelected: boolean;
};

/** Drawn again only when its own transfer changes. Its clicks and keys are the list's. */
export const TransferRow = memo(function TransferRow({ row, ...rest }: TransferRowProps) {
  const view = useTransfer(row.id);
  return view ? <DrawnRow view={view} row={row} {...rest} /> : null;
});

function capText({ capBytesPerSecond: cap }: TransferView, formats: Formats): string | null {
  return cap === null ? null : `limited to ${formats.rate(cap)}`;
}

type RowProps = TransferRowProps & { readonly view: TransferView };

/** A transfer as the list draws it. */
export function DrawnRow({ view, row, rowIndex, top, height, isTabStop, isSelected }: RowProps) {
  const look = row.isAskedAbove ? "waiting" : lookOf(view);
  const formats = useFormats();
  const host = useStatusStore((state) => state.host);
  const why = useSentence(view, row.isNext);
  const sentence = row.isAskedAbove ? waitsForSignIn(view) : why;
  const rate = look === "moving" ? formats.rate(view.bytesPerSecond) : null;
  const shares = barShares(view);
  return (
    <div
      className={`${classes.row} lh-focus-inside`}
      role="row"
      aria-rowindex={rowIndex}
      aria-selected={isSelected}
      aria-label={spokenRow(
        view,
        { sentence, rate, cap: capText(view, formats) },
        host,
        formats.sizeUnits,
      )}
      tabIndex={isTabStop ? 0 : -1}
      data-look={look}
      data-id={view.id}
      style={{ top, height }}
    >
      <div className={classes.lines} role="gridcell">
        <TransferGlyph direction={view.direction} look={look} />
        <div className={classes.line}>
          <Identity view={view} />
          <Route view={view} />
        </div>
        <div className={classes.line}>
          <Sentence look={look} rate={rate} sentence={sentence} />
          <Amount view={view} />
        </div>
        {shares && (
          <div className={classes.bar}>
            <ShareBar
              {...shares}
              name={view.name}
              text={`${rowPercent(view) ?? 0} percent, ${sentence}`}
              isStill={look !== "moving" && look !== "verifying"}
            />
          </div>
        )}
        <RowActions view={view} />
      </div>
      {look === "asking" && <AnswerStrip view={view} />}
    </div>
  );
}

function Identity({ view }: { readonly view: TransferView }) {
  const variant = variantText(view);
  return (
    <div className={classes.identity}>
      <span className={`${classes.name} lh-cut`}>{view.name}</span>
      {variant && <span className={classes.variant}>{variant}</span>}
      <CapBadge view={view} />
    </div>
  );
}

/** So that nobody wonders why it is slow. */
function CapBadge({ view }: { readonly view: TransferView }) {
  const formats = useFormats();
  const { capBytesPerSecond: cap, name } = view;
  if (cap === null || isSettled(view)) return null;
  const words = formats.rate(cap);
  return (
    <UnstyledButton
      className={classes.limit}
      tabIndex={-1}
      data-command="limit"
      title={`Limited to ${words}`}
      aria-label={`Limited to ${words}, change: ${name}`}
    >
      <IconGauge size={13} aria-hidden />
      {words}
    </UnstyledButton>
  );
}

/** Inter's Latin subset has no right arrow, so it is an icon. */
function Route({ view }: { readonly view: TransferView }) {
  const host = useStatusStore((state) => state.host);
  return (
    <div className={classes.route}>
      <span className="lh-cut">{routeText(view.from, view.name, host)}</span>
      <IconArrowRight size={12} role="img" aria-label="to" />
      <span className="lh-cut">{routeText(view.to, view.name, host)}</span>
    </div>
  );
}

const SENTENCE_ICON: Partial<Record<Look, typeof IconClock>> = {
  verifying: IconShieldCheck,
  stalled: IconRefreshAlert,
  waiting: IconClock,
  paused: IconPlayerPauseFilled,
  asking: IconAlertTriangle,
  failed: IconAlertTriangle,
};

type SentenceProps = {
  readonly look: Look;
  readonly rate: string | null;
  readonly sentence: string;
};

function Sentence({ look, rate, sentence }: SentenceProps) {
  const Icon = SENTENCE_ICON[look];
  return (
    <div className={classes.sentence} title={sentence}>
      {Icon && <Icon className={classes.sentenceIcon} size={14} aria-hidden />}
      {rate && <span className={`${classes.rate} lh-number`}>{rate}</span>}
      <span className="lh-cut">{sentence}</span>
    </div>
  );
}

function Amount({ view }: { readonly view: TransferView }) {
  const { sizeUnits } = useFormats();
  const percent = rowPercent(view);
  return (
    <div className={`${classes.amount} lh-number`}>
      <span>{amountText(view, sizeUnits)}</span>
      {percent !== null && <span className={classes.percent}>{percent} %</span>}
    </div>
  );
}

const ACTION_ICON: Readonly<Record<string, typeof IconClock>> = {
  Pause: IconPlayerPauseFilled,
  "Retry now": IconRefresh,
  "Start now": IconPlayerSkipForwardFilled,
  Resume: IconPlayerPlayFilled,
  "Try again": IconRefresh,
  "Show in folder": IconFolderOpen,
};

function ActionSymbol({ label }: { readonly label: string }) {
  const Icon = ACTION_ICON[label];
  return Icon ? <Icon size={15} aria-hidden /> : null;
}

function RowActions({ view }: { readonly view: TransferView }) {
  const host = useStatusStore((state) => state.host);
  const action = primaryAction(view, host);
  return (
    <div className={classes.actions}>
      {action && (
        <ActionIcon
          tabIndex={-1}
          data-command={action.command}
          title={action.label}
          aria-label={`${action.label}: ${view.name}`}
        >
          <ActionSymbol label={action.label} />
        </ActionIcon>
      )}
      <ActionIcon tabIndex={-1} data-menu aria-haspopup="menu" aria-label={`More for ${view.name}`}>
        <IconDots size={16} aria-hidden />
      </ActionIcon>
    </div>
  );
}
