/** The only channels between the window's preload script and the host. */
export const CALL_CHANNEL = "longhaul:call";
export const EVENT_CHANNEL = "longhaul:event";
/** Paths of dropped files, which only the preload script can know. */
export const GRANT_CHANNEL = "longhaul:grant";

/** The window's page: one scheme, one host, nothing else is ever loaded. */
export const APP_SCHEME = "app";
export const APP_ORIGIN = `${APP_SCHEME}://longhaul`;
