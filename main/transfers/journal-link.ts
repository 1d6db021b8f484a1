import type { ErrorInfo } from "#shared/errors.ts";
import type { JournalQuestions } from "./journal-reader.ts";
import type { JournalChange } from "./journal.ts";

export type QuestionName = keyof JournalQuestions;
export type QuestionInput<N extends QuestionName> = JournalQuestions[N]["input"];
export type QuestionOutput<N extends QuestionName> = JournalQuestions[N]["output"];

/** The changes of each waiting `commit`, in order. */
export type CommitCalls = readonly (readonly JournalChange[])[];

export type Committed = {
  /** For each call why it failed, or null. */
  readonly failures: readonly (ErrorInfo | null)[];
  /** How long the disk took over it. */
  readonly diskMs: number;
};

/** The way to an open journal file: a thread, or this one. Orders are carried out in order. */
export interface JournalLink {
  /** One transaction. */
  commitAll(calls: CommitCalls): Promise<Committed>;
  ask<N extends QuestionName>(name: N, input: QuestionInput<N>): Promise<QuestionOutput<N>>;
  close(): Promise<void>;
}

/** What the journal's thread is sent. Ids come back in the reply. */
export type LinkRequest<N extends QuestionName = QuestionName> =
  | { readonly kind: "commit"; readonly id: number; readonly calls: CommitCalls }
  | { readonly kind: "ask"; readonly id: number; readonly question: Question<N> }
  | { readonly kind: "close" };

export type LinkReply =
  | {
      readonly kind: "opened";
      readonly recoveredFrom: string | null;
      readonly isOldCopy: boolean;
      readonly isReadOnly: boolean;
    }
  | { readonly kind: "not-opened"; readonly error: ErrorInfo }
  | {
      readonly kind: "committed";
      readonly id: number;
      readonly committed: Committed;
    }
  | { readonly kind: "answered"; readonly id: number; readonly answer: Answer }
  | { readonly kind: "refused"; readonly id: number; readonly error: ErrorInfo }
  | { readonly kind: "closed" };

/** A name with the input that belongs to it. */
export type Question<N extends QuestionName = QuestionName> = {
  [K in N]: { readonly name: K; readonly input: QuestionInput<K> };
}[N];

export type Answer<N extends QuestionName = QuestionName> = {
  [K in N]: { readonly name: K; readonly output: QuestionOutput<K> };
}[N];
