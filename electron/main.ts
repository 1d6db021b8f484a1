/** The desktop program. */
import "#main/flow/thread-pool.ts";
import * as electron from "electron";
import { startDesktop } from "./desktop.ts";

// Not awaited: the app is ready only after this module has run to its end.
void startDesktop(electron);
