import { rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFile, MIB } from "../rig/files.ts";
import { startRefusing } from "../rig/refusing-server.ts";
import type { Refusal } from "../rig/refusing-server.ts";
import type { Store } from "../rig/store.ts";
import { BUCKET, expect, test } from "../rig/story.ts";
import type { ProfileEntry } from "../window/profile-editor.ts";

/** What is typed wrong, the step that says so, and what happened, why, and what to do. */
const MISTAKES: readonly {
  readonly title: string;
  readonly typed: Partial<ProfileEntry>;
  readonly step: string;
  readonly words: readonly (string | RegExp)[];
}[] = [
  {
    title: "an endpoint where nothing listens",
    typed: { endpoint: "http://127.0.0.1:1" },
    step: "Reach",
    words: ["127.0.0.1:1 does not answer", "nothing listens at that port", "Check the address"],
  },
  {
    title: "an endpoint by a name that nobody knows",
    typed: { endpoint: "http://no-such-host.invalid" },
    step: "Reach",
    words: ["No server is known by the name", "misspelled", "Check the spelling"],
  },
  {
    title: "an unknown access key",
    typed: { accessKeyId: "AKIDNOBODY123" },
    step: "Signature",
    words: ["does not accept the keys", "does not know the access key ID", "Enter both keys again"],
  },
  {
    title: "a wrong secret key",
    typed: { secretAccessKey: "not-the-secret" },
    step: "Signature",
    words: [
      "does not accept the keys",
      "secret access key is not the one",
      "Enter both keys again",
    ],
  },
  {
    title: "the wrong region",
    typed: { region: "eu-west-1" },
    step: "Signature",
    words: ["lives in us-east-1", "signed for one region", "Set the region to us-east-1"],
  },
  {
    title: "a bucket that is not there",
    typed: { bucket: "no-such-bucket" },
    step: "List",
    words: [
      "There is no bucket no-such-bucket",
      "It was deleted, or",
      "create the bucket there first",
    ],
  },
];

test("the test of a profile explains every mistake in it", async ({ win, store }) => {
  await win.open();
  for (const { title, typed, step, words } of MISTAKES) {
    await test.step(title, async () => {
      await win.page.reload();
      await win.ready();
      await win.editor.add({ ...entryFor(store), ...typed });
      await win.editor.test();
      for (const part of words) await expect(win.editor.step(step)).toContainText(part);
      await expect(win.editor.step(step).getByRole("img", { name: "Failed" })).toBeVisible();
    });
  }
});

const REFUSALS: readonly {
  readonly title: string;
  readonly refusal: Refusal;
  readonly step: string;
  readonly words: readonly string[];
}[] = [
  {
    title: "a missing permission",
    refusal: { status: 403, code: "AccessDenied", clockAheadMs: 0 },
    step: "List",
    words: ["may not list the buckets", "the permission is missing", "Ask whoever runs the bucket"],
  },
  {
    title: "a clock that is off",
    refusal: { status: 403, code: "RequestTimeTooSkewed", clockAheadMs: 2 * 60 * 60 * 1000 },
    step: "Clock",
    words: ["clock is 2 h behind", "refuses signatures whose time is far", "Set the clock"],
  },
];

test("the test of a profile explains what an endpoint refuses", async ({ win, store }) => {
  await win.open();
  for (const { title, refusal, step, words } of REFUSALS) {
    await test.step(title, async () => {
      const server = await startRefusing(refusal);
      await win.page.reload();
      await win.ready();
      await win.editor.add({ ...entryFor(store), endpoint: server.endpoint });
      await win.editor.test();
      for (const part of words) await expect(win.editor.step(step)).toContainText(part);
      await server.stop();
    });
  }
});

test("the wrong region is put right by the button beside it @keyboard", async ({ win, store }) => {
  await win.open();
  await win.editor.add({ ...entryFor(store), region: "eu-west-1" });
  await win.editor.test();
  await win.hand.press(win.editor.form.getByRole("button", { name: "Use us-east-1" }));
  await win.editor.test();
  await win.editor.passed("Signature");
});

test("a transfer whose file vanished says what happened, why, and what to do @keyboard", async ({
  win,
  store,
}) => {
  const name = "qwen-2.5-7b.gguf";
  const path = join(win.host.folder, name);
  await makeFile(path, 64 * MIB, 9);
  await win.host.addProfile("Lab", store, 2);
  await win.open();
  await win.limit("Up", "10MB");
  await win.chooseHostFiles([name]);
  await win.sheet.aim({ profile: "Lab", bucket: BUCKET });
  await win.sheet.start();
  await win.transfers.reaches(name, 1);
  await win.transfers.press(name, "Pause");
  await win.transfers.says(name, /Paused by you/);
  await rm(path);
  await win.transfers.press(name, "Resume");
  await win.transfers.says(name, /There is no file .*moved, renamed or deleted/);
  const details = await win.transfers.details(name);
  await expect(details).toContainText("There is no file or folder");
  await expect(details).toContainText("What you can do");
});

function entryFor({ endpoint, keys }: Store): ProfileEntry {
  return { name: "Lab", endpoint, ...keys };
}
