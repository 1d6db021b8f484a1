import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCopy, IconRefreshAlert } from "@tabler/icons-react";
import type { ErrorInfo } from "#shared/errors.ts";
import type { TransferView } from "#shared/transfer.ts";
import { ERROR_TABLE } from "#shared/error-table.ts";
import { homeWords } from "../../common/home-path.ts";
import { copyText } from "../../common/copy-text.ts";
import { useStatusStore } from "../../state/status-store.ts";
import { answersTo, forAllText, isConflict } from "../answers.ts";
import { unpackAsked } from "../conflict-words.ts";
import { useAnswer } from "../use-answer.ts";
import { AskingFiles } from "./asking-files.tsx";
import { DetailSection } from "./detail-section.tsx";
import type { Fact } from "./facts.tsx";
import { Facts } from "./facts.tsx";
import type { Trouble } from "./trouble.ts";
import classes from "./trouble-detail.module.css";

type TroubleDetailProps = { readonly view: TransferView; readonly trouble: Trouble };

/** Every trouble in the same order: what happened, why, what Longhaul does now, what you can do. */
export function TroubleDetail({ view, trouble }: TroubleDetailProps) {
  const host = useStatusStore((state) => state.host);
  const Icon = trouble.tone === "asks" ? IconAlertTriangle : IconRefreshAlert;
  return (
    <div className="lh-selectable">
      <div className={classes.what}>
        <Icon size={18} stroke={1.8} aria-hidden />
        <p>{homeWords(trouble.what, host)}</p>
      </div>
      <p className={classes.text}>{homeWords(trouble.why, host)}</p>
      {trouble.doing && <p className={classes.text}>{trouble.doing}</p>}
      {isConflict(view) && unpackAsked(view) === null && <AskingFiles view={view} />}
      <Remedies view={view} todo={trouble.todo} />
      {trouble.error && <Details error={trouble.error} />}
    </div>
  );
}

function Remedies({ view, todo }: { readonly view: TransferView; readonly todo: string | null }) {
  const answer = useAnswer();
  const answers = answersTo(view);
  const forAll = isConflict(view) && forAllText(view) !== null;
  if (answers.length === 0 && todo === null) return null;
  return (
    <DetailSection title="What you can do">
      {todo && <p className={classes.todo}>{todo}</p>}
      {answers.length > 0 && (
        <ul className={classes.remedies}>
          {answers.map((choice) => (
            <li key={choice.label}>
              <Button
                variant={choice.isPrimary ? "filled" : "default"}
                onClick={() => answer(view, choice.act, forAll)}
              >
                {choice.label}
              </Button>
              <span>{choice.consequence}</span>
            </li>
          ))}
        </ul>
      )}
    </DetailSection>
  );
}

function Details({ error }: { readonly error: ErrorInfo }) {
  const facts = errorFacts(error);
  const copied = facts.map(({ label, value }) => `${label}: ${value}`).join("\n");
  return (
    <DetailSection
      title="Details"
      aside={
        <Button
          size="xs"
          variant="subtle"
          mr={-8}
          leftSection={<IconCopy size={13} aria-hidden />}
          onClick={() => copyText(copied)}
        >
          Copy
        </Button>
      }
    >
      <Facts facts={facts} />
    </DetailSection>
  );
}

type ErrorFact = Fact & { readonly value: string };

/** For whoever helps: codes and names, never a secret (an error holds none). */
export function errorFacts({ code, message, details }: ErrorInfo): readonly ErrorFact[] {
  const answer = [details.status, details.cause].filter((part) => part !== undefined).join(" ");
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Code", ERROR_TABLE[code].name],
    ["Said", message],
    ["Answer", answer === "" ? undefined : answer],
    ["Request", details.requestId],
    ["Endpoint", details.endpoint],
    ["Bucket", details.bucket],
    ["Key", details.key],
    ["Path", details.path],
    ["Profile", details.profile],
  ];
  return rows.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]));
}
