import { openHost } from "./host/open-host.ts";
import { mount } from "./mount.tsx";

await mount(openHost(window));
