import { expect, it } from "vitest";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import { makeTransfer, remote } from "../fixture/make-transfer.ts";
import { endsAt } from "./use-uploads-here.ts";

const ENDED = { phase: "done", atMs: 1 } as const;
const FAILED = {
  phase: "failed",
  atMs: 1,
  error: toErrorInfo(new LonghaulError("internal", "odd")),
} as const;

function upload(key: string, rest: Parameters<typeof makeTransfer>[2] = {}) {
  const to = remote(key, "data");
  return makeTransfer("x", { total: 1 }, { direction: "upload", to, state: ENDED, ...rest });
}

it.each([
  ["to the place itself", upload("a/"), true],
  ["below the place", upload("a/b/"), true],
  ["above it, which may have come into it", upload(""), true],
  ["that failed, of which something may be there", upload("a/", { state: FAILED }), true],
  ["beside it", upload("b/"), false],
  ["that runs", upload("a/", { state: { phase: "queued", cause: null } }), false],
  ["to another bucket", upload("a/", { to: remote("a/", "other") }), false],
  ["that is a download", upload("a/", { direction: "download" }), false],
])("knows of an upload %s whether the place has changed", (_, view, isChange) => {
  const place = { profileId: ProfileId.parse("company"), bucket: "data", prefix: "a/" };
  expect(endsAt(view, place)).toBe(isChange);
});
