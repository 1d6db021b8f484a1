import { toJournalError } from "./journal-errors.ts";
import type { JournalFile } from "./journal-file.ts";
import { copyHourly } from "./journal-file.ts";
import type { Answer, CommitCalls, Committed, Question, QuestionName } from "./journal-link.ts";
import type { JournalReader } from "./journal-reader.ts";
import { createJournalReader } from "./journal-reader.ts";
import { JournalWriter } from "./journal-writer.ts";

/** Reads and writes of one open journal file, whichever thread it is in. Synchronous. */
export class JournalServer {
  readonly #file: JournalFile;
  readonly #writer: JournalWriter;
  readonly #reader: JournalReader;

  constructor(file: JournalFile) {
    this.#file = file;
    this.#writer = new JournalWriter(file);
    this.#reader = createJournalReader(file.prepare);
  }

  commitAll(calls: CommitCalls): Committed {
    return this.#writer.commitAll(calls);
  }

  /** @throws {LonghaulError} */
  ask<N extends QuestionName>(question: Question<N>): Answer<N> {
    try {
      return answer(this.#reader, question);
    } catch (error) {
      throw toJournalError(error, this.#file.path);
    }
  }

  /** @returns whether rows of removed transfers may be left. */
  sweep(): boolean {
    return this.#writer.sweep();
  }

  /** Folds the write-ahead log into the file, and keeps a copy of it now and then. */
  tidy(): void {
    if (this.#file.isReadOnly) return;
    try {
      this.#file.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      copyHourly(this.#file);
    } catch {
      // A full disk, perhaps: the log is as good, and another time comes.
    }
  }

  close(): void {
    this.#file.database.close();
  }
}

function answer<N extends QuestionName>(reader: JournalReader, question: Question<N>): Answer<N> {
  return { name: question.name, output: reader[question.name](question.input) };
}
