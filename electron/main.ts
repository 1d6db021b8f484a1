/** The desktop program. */
import * as electron from "electron";
import { widenThreadPool } from "#main/flow/thread-pool.ts";
import { startDesktop } from "./desktop.ts";

widenThreadPool();

// Not awaited: the app is ready only after this module has run to its end.
void startDesktop(electron);
