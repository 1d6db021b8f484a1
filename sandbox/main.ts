/**
 * A small S3 server on local files: the practice bucket of a new user, the rig of the tests.
 *
 *     node sandbox/main.ts --dir D [--port 0] [--host 127.0.0.1] [--keys FILE] [--bucket NAME]…
 *                          [--log FILE] [--exit-with-parent] [--one-process]
 *                          [--faults FILE] [--fault-socket PATH]
 *
 * Prints one line when it is ready, `{"endpoint":"http://127.0.0.1:PORT","region":"us-east-1"}`,
 * and nothing else on standard output. The keys file (default D/keys.json) is made with random
 * keys where it is missing. SIGINT and SIGTERM stop it; with --exit-with-parent so does the end of
 * standard input. With --faults it does wrong what a script says
 * (`shared/fault-script.ts`), with --fault-socket a test changes that script while it runs. Two processes serve one port, since digesting is what takes the time.
 */
import cluster from "node:cluster";

// Each loads only its own half, which shortens the start.
if (cluster.isPrimary) await (await import("./primary.ts")).runPrimary(process.argv.slice(2));
else await (await import("./serve.ts")).runServer(process.argv.slice(2));
