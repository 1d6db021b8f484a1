import { useState } from "react";
import { ActionIcon, Anchor, Button, Progress } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconShieldCheck,
  IconTool,
  IconX,
} from "@tabler/icons-react";
import type { CacheWork, CacheWorkState } from "#shared/cache.ts";
import { explainInOneLine } from "#shared/error-words.ts";
import { percentOf } from "../common/byte-figures.ts";
import { homeWords } from "../common/home-path.ts";
import { useFormats } from "../common/use-formats.ts";
import { useClient } from "../host/host.ts";
import { useAct } from "../host/use-act.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useWorkStore } from "../state/work-store.ts";
import { lookAt, useCacheStore } from "./cache-store.ts";
import { startWork } from "./use-entry-commands.ts";
import { foundWords, isTroubled, progressWords, resultWords } from "./work-words.ts";
import classes from "./work-strip.module.css";

/** What goes on in the background, and how the last of it ended, until that is put away. */
export function WorkStrip() {
  const { now, last } = useWorkStore();
  const seenEndMs = useCacheStore((state) => state.seenEndMs);
  if (now) return <Running work={now} />;
  return last && last.endedAtMs > seenEndMs ? <Ended key={last.endedAtMs} work={last} /> : null;
}

function Running({ work }: { readonly work: CacheWork }) {
  const act = useAct();
  const formats = useFormats();
  const Symbol = work.kind === "verify" ? IconShieldCheck : IconTool;
  const percent = percentOf(work.doneBytes, work.totalBytes) ?? 0;
  const words = progressWords(work, formats);
  const found = foundWords(work);
  return (
    <section className={classes.strip} aria-label="Work on the cache">
      <Symbol size={18} stroke={1.6} aria-hidden />
      <div className={classes.words}>
        <span className={`${classes.main} lh-number`}>{words}</span>
        <Progress
          size={4}
          value={percent}
          color="var(--lh-ink)"
          aria-label={work.kind === "verify" ? "Verifying" : "Repairing"}
          aria-valuetext={words}
        />
        <span className={classes.note}>
          {found === "" ? "All right so far. Transfers go first." : `So far ${found}.`}
        </span>
      </div>
      <Button onClick={() => act("cache.stopWork", null)}>Stop</Button>
    </section>
  );
}

type Last = NonNullable<CacheWorkState["last"]>;

function Ended({ work }: { readonly work: Last }) {
  const client = useClient();
  const formats = useFormats();
  const [isOpen, setOpen] = useState(false);
  const isBad = isTroubled(work);
  const lineCount = work.failures.length + work.notes.length;
  const Symbol = isBad ? IconAlertTriangle : IconCircleCheck;
  return (
    <section
      className={classes.strip}
      aria-label="Result of work on the cache"
      data-bad={isBad || undefined}
    >
      <Symbol size={18} stroke={1.6} aria-hidden />
      <div className={classes.words}>
        <span className={classes.main}>{resultWords(work, formats)}</span>
        {lineCount > 0 && (
          <Anchor
            component="button"
            fz={12}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? "Hide the details" : "Show the details"}
          </Anchor>
        )}
        {isOpen && <Lines work={work} />}
      </div>
      {isBad && (
        <Button onClick={() => lookAt({ tab: "entries", filter: "trouble", text: "" })}>
          Show what needs attention
        </Button>
      )}
      {work.kind === "verify" && work.damagedCount > 0 && (
        <Button variant="filled" onClick={() => startWork(client, "cache.repair", null)}>
          Repair all damaged
        </Button>
      )}
      <ActionIcon
        aria-label="Put this result away"
        onClick={() => lookAt({ seenEndMs: work.endedAtMs })}
      >
        <IconX size={14} aria-hidden />
      </ActionIcon>
    </section>
  );
}

function Lines({ work: { failures, notes } }: { readonly work: Last }) {
  const host = useStatusStore((state) => state.host);
  return (
    <ul className={classes.lines}>
      {failures.map(({ id, error }) => (
        <li key={`${id.path} ${id.key}`}>
          <strong>{id.key}</strong> {homeWords(explainInOneLine(error), host)}
        </li>
      ))}
      {notes.map((note) => (
        <li key={note}>{homeWords(note, host)}</li>
      ))}
    </ul>
  );
}
