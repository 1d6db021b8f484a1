import { config } from "zod";

// The page's policy forbids `eval`. Zod would try it for speed, fail quietly and be reported as a
// violation, so this stands before any module that makes schemas.
config({ jitless: true });

const [{ openHost }, { mount }] = await Promise.all([
  import("./host/open-host.ts"),
  import("./mount.tsx"),
]);
await mount(openHost(window));
