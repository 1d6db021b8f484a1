import { z } from "zod";
import type { DocumentFile } from "./document-file.ts";

/** What was seen of an endpoint, whichever profile goes there. */
const EndpointFacts = z.object({
  /** It keeps the conditions of writes, also when an upload completes. */
  keepsConditions: z.boolean().optional(),
});
export type EndpointFacts = z.infer<typeof EndpointFacts>;

const Kept = z.record(z.string(), EndpointFacts);

/** More endpoints than anybody has; the oldest goes. */
const ENDPOINTS_MAX = 200;

/** What probes and answers have shown of endpoints, by origin, kept with the settings. */
export class EndpointBook {
  readonly #document: DocumentFile;
  #facts: Readonly<Record<string, EndpointFacts>>;

  constructor(document: DocumentFile) {
    this.#document = document;
    const kept = Kept.safeParse(document.read("endpoints") ?? {});
    this.#facts = kept.success ? kept.data : {};
  }

  of(origin: string): EndpointFacts {
    return this.#facts[origin] ?? {};
  }

  learn(origin: string, facts: EndpointFacts): void {
    const known = this.of(origin);
    const next = { ...known, ...facts };
    if (JSON.stringify(next) === JSON.stringify(known)) return;
    const others = Object.entries(this.#facts).filter(([other]) => other !== origin);
    const kept = [...others.slice(1 - ENDPOINTS_MAX), [origin, next] as const];
    this.#facts = Object.fromEntries(kept);
    this.#document.write("endpoints", this.#facts);
  }
}
