import { expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import { newDraft } from "./profile-draft.ts";
import { dropDraft, putDraft, putTest, settleDraft, useDraftStore } from "./draft-store.ts";

const id = ProfileId.parse("lab");

it("keeps what is typed for each profile until it is dropped", () => {
  putDraft(id, { ...newDraft("minio"), name: "lab" });
  putDraft("new", { ...newDraft("aws"), name: "other" });
  dropDraft("new");
  expect([...useDraftStore.getState().drafts.keys()]).toEqual([id]);
});

it("takes the test of a new profile along when that is saved", () => {
  const run = { phase: "over", steps: [], atMs: 7 } as const;
  putDraft("new", newDraft("aws"));
  putTest("new", run);
  settleDraft("new", id);
  const { drafts, tests, savedKey } = useDraftStore.getState();
  expect([drafts.has("new"), tests.has("new"), tests.get(id), savedKey]).toEqual([
    false,
    false,
    run,
    id,
  ]);
});
