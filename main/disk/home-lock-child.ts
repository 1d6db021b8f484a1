import { lockHome } from "./home-lock.ts";

/** Run by the test of the lock as a process of its own: takes a home and keeps it until it is killed. */
const [home = "", program = ""] = process.argv.slice(2);
lockHome(home, { pid: process.pid, program, sinceMs: 1_700_000_000_000 });
process.stdout.write("locked\n");
process.stdin.resume();
