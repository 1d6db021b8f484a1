import { useCallback } from "react";
import type { TransferView } from "#shared/transfer.ts";
import type { AnswerAct } from "./answers.ts";
import { useAct } from "../host/use-act.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useCommands } from "./use-commands.ts";

/** Gives an answer. `forAll`: of a conflict, also for those that are still to come. */
export function useAnswer(): (view: TransferView, answer: AnswerAct, forAll: boolean) => void {
  const act = useAct();
  const run = useCommands();
  return useCallback(
    (view, answer, forAll) => {
      const screen = useScreenStore.getState();
      switch (answer.kind) {
        case "conflict":
          act("transfer.answer", { id: view.id, answer: answer.answer, forAll });
          break;
        case "profile":
          screen.editProfile(answer.profileId);
          break;
        case "folders":
          screen.showSettings("storage");
          break;
        case "resume":
        case "retry":
        case "cancel":
          run(answer.kind, [view]);
          break;
      }
    },
    [act, run],
  );
}
