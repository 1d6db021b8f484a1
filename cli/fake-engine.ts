import { callSchemas, isCallName } from "#shared/contract.ts";
import type { CallHandlers, CallName, HostEvent } from "#shared/contract.ts";
import type { Engine, IncomingDoor } from "#main/engine-host.ts";

/** An engine for tests of hosts: calls that are not given fail the test that makes them. */
export class FakeEngine implements Engine {
  readonly handlers: CallHandlers;
  /** Calls in the order they came. */
  readonly calls: { readonly name: string; readonly input: unknown }[] = [];
  incoming: IncomingDoor = refusingDoor;
  isClosed = false;
  readonly #listeners = new Set<(event: HostEvent) => void>();

  constructor(handlers: Partial<CallHandlers>) {
    const names = Object.keys(callSchemas).filter(isCallName);
    const recorded = names.map((name) => [name, this.#record(name, handlers[name])]);
    this.handlers = Object.fromEntries(recorded);
  }

  onEvent(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: HostEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Inputs of all calls of that name. */
  inputsOf(name: CallName): unknown[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.input);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  #record(name: CallName, handler: ((input: never) => Promise<unknown>) | undefined) {
    return async (input: never) => {
      this.calls.push({ name, input });
      if (handler === undefined) throw new Error(`the test gives no ${name}`);
      return await handler(input);
    };
  }
}

const refusingDoor: IncomingDoor = {
  begin: () => Promise.reject(new Error("the test gives no door")),
  progress: () => {},
  end: () => Promise.reject(new Error("the test gives no door")),
};
