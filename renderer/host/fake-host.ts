import type { Client } from "#shared/client.ts";
import type { CallInput, CallName, CallOutput } from "#shared/contract.ts";
import { callSchemas } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";

type Answers = {
  readonly [N in CallName]?: (
    input: CallInput<N>,
  ) => CallOutput<N> | LonghaulError | Promise<CallOutput<N>>;
};

/** A host with answers for the calls that a test makes, and a list of the calls made. */
export function fakeHost(answers: Answers) {
  const asked: CallName[] = [];
  const call: Client["call"] = async (name, input) => {
    asked.push(name);
    const answer = answers[name];
    if (!answer) throw new LonghaulError("unsupported", `${name} has no answer here`);
    const given = await answer(callSchemas[name].input.parse(input));
    if (given instanceof LonghaulError) throw given;
    return given;
  };
  return { call, asked };
}
