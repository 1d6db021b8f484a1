import type { Terminal } from "./terminal.ts";

/** A terminal for tests: what was written is kept, what is asked is answered from a list. */
export class FakeTerminal implements Terminal {
  readonly env: NodeJS.ProcessEnv = {};
  isOutTty = false;
  isErrTty = false;
  canAsk = false;
  readonly outLines: string[] = [];
  readonly errLines: string[] = [];
  readonly drawn: string[] = [];
  readonly questions: string[] = [];
  answers: string[] = [];
  input = "";
  /** How often it was waited for the reader of standard output. */
  takenCount = 0;

  columns(): number {
    return 80;
  }

  out(line: string): void {
    this.outLines.push(line);
  }

  async outTaken(): Promise<void> {
    this.takenCount += 1;
  }

  err(line: string): void {
    this.errLines.push(line);
  }

  draw(text: string): void {
    this.drawn.push(text);
  }

  async ask(question: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.questions.push(question);
    const answer = this.answers.shift();
    if (answer === undefined) throw new Error(`nothing answers ${question}`);
    return answer;
  }

  async askHidden(question: string, signal: AbortSignal): Promise<string> {
    return await this.ask(question, signal);
  }

  async readInput(): Promise<string> {
    return this.input;
  }
}
