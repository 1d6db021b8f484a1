import { useRef } from "react";

/** A selector that hands out the same object again while its answer stays equal. */
export function useStable<State, Answer>(
  select: (state: State) => Answer,
  isEqual: (one: Answer, other: Answer) => boolean,
): (state: State) => Answer {
  const kept = useRef<{ readonly answer: Answer } | null>(null);
  return (state) => {
    const answer = select(state);
    if (kept.current && isEqual(kept.current.answer, answer)) return kept.current.answer;
    kept.current = { answer };
    return answer;
  };
}
