/**
 * `npm run test:interop`: drives S3 clients that nobody here wrote against the sandbox. Ends with
 * `N passed, N failed, N skipped`; a client that is not installed is skipped, with the reason.
 */
import { runInterop } from "../sandbox/interop/run-interop.ts";

process.exitCode = (await runInterop()) ? 0 : 1;
