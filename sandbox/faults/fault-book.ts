import type { ServerResponse } from "node:http";
import type { Fault, FaultReport, FaultRule, FaultScript, Quirks } from "#shared/fault-script.ts";
import { FaultScript as Script } from "#shared/fault-script.ts";
import type { Gate } from "../auth/authenticate.ts";
import type { OperationName, Route } from "../http/route.ts";

type Counted = { readonly rule: FaultRule; fitCount: number; usedCount: number };

/** What is asked for, as rules see it. */
export type Asked = { readonly operation: OperationName; readonly route: Route };

/** The script in force, and how often each of its rules was used. */
export class FaultBook {
  #script: FaultScript;
  #rules: Counted[] = [];
  /** How often the very same was asked for; forgotten with the script. */
  readonly #asked = new Map<string, number>();
  #lot = 1;

  constructor(script: FaultScript = Script.parse({})) {
    this.#script = script;
    this.replace(script);
  }

  get quirks(): Quirks {
    return this.#script.quirks;
  }

  /** What signatures are checked against while this script is in force. */
  gate(gate: Gate): Gate {
    const { region, maxSkewSeconds } = this.#script;
    const maxSkewMs = maxSkewSeconds === null ? gate.maxSkewMs : maxSkewSeconds * 1000;
    return { ...gate, region: region ?? gate.region, maxSkewMs };
  }

  get clockAheadMs(): number {
    return this.#script.clockAheadSeconds * 1000;
  }

  /** Where the script has a clock of its own, answers say its time. */
  setDate(response: ServerResponse): void {
    if (this.clockAheadMs === 0) return;
    response.setHeader("date", new Date(Date.now() + this.clockAheadMs).toUTCString());
  }

  /** Forgets the script before, and all counts. */
  replace(script: FaultScript): void {
    this.#script = script;
    this.#rules = script.rules.map((rule) => ({ rule, fitCount: 0, usedCount: 0 }));
    this.#asked.clear();
    this.#lot = 1;
  }

  report(): FaultReport {
    return { used: this.#rules.map(({ usedCount }) => usedCount) };
  }

  /** The fault that this request meets; counts it. */
  next(asked: Asked): Fault | undefined {
    const attempt = this.#countAttempt(asked);
    for (const counted of this.#rules) {
      if (!fits(counted.rule, asked, attempt)) continue;
      counted.fitCount += 1;
      const { rule, fitCount, usedCount } = counted;
      if (fitCount <= rule.skip || usedCount >= (rule.times ?? Infinity)) continue;
      if (rule.chance < 1 && this.#draw() >= rule.chance) continue;
      counted.usedCount += 1;
      return rule.fault;
    }
    return undefined;
  }

  #countAttempt({ operation, route }: Asked): number {
    const { bucket, key, query, headers } = route;
    const what = [operation, bucket, key, query.get("partNumber"), headers.get("range")];
    const name = JSON.stringify(what);
    const count = (this.#asked.get(name) ?? 0) + 1;
    this.#asked.set(name, count);
    return count;
  }

  /** A number in [0, 1): a small generator of our own, so that every run draws the same. */
  #draw(): number {
    this.#lot = (Math.imul(this.#lot, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#lot / 2 ** 32;
  }
}

function fits({ on }: FaultRule, { operation, route }: Asked, attempt: number): boolean {
  const { bucket, key, query, headers } = route;
  const [first, last] = on.attempt ?? [1, Infinity];
  const isTurn = attempt >= first && attempt <= last;
  const facts = {
    bucket,
    part: Number(query.get("partNumber")),
    start: startOf(headers.get("range")),
    token: headers.get("x-amz-security-token"),
  };
  const isSame = (["bucket", "part", "start", "token"] as const).every(
    (name) => on[name] === undefined || on[name] === facts[name],
  );
  const isOperation = on.op === undefined || [on.op].flat().includes(operation);
  return isTurn && isSame && isOperation && (on.key === undefined || matchesKey(on.key, key));
}

function matchesKey(pattern: string, key: string): boolean {
  const escaped = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "s").test(key);
}

/** A request without a range asks for the object from its first byte. */
function startOf(range: string | undefined): number {
  return Number(/^bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
}
