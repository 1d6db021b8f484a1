import { expect, test } from "../rig/story.ts";

test("a first start shows the practice bucket with three samples @keyboard", async ({ win }) => {
  await win.open();
  const { page } = win;
  for (const card of ["Try the Practice bucket", "Connect your storage", "Where downloads go"]) {
    await expect(page.getByRole("heading", { name: card })).toBeVisible();
  }
  await win.library.openBucket("Practice bucket", "practice");
  for (const name of ["digits.csv", "tiny-model.config.json", "tiny-model.safetensors"]) {
    await expect(win.library.row(name)).toBeVisible();
  }
});

test("the address loses its token at once, and a page without it says so", async ({ win }) => {
  await win.open();
  const { page } = win;
  expect(page.url()).not.toContain("token");
  await page.reload();
  await win.ready();
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await expect(page.getByText(/address/i).first()).toBeVisible();
});
