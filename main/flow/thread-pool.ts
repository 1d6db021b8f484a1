/**
 * Imported before everything else by a program's first module. libuv does the calls for files and
 * names in threads of its own, as many as it finds here when it first needs one: with its usual four,
 * one slow disk would hold up every other call.
 */
process.env["UV_THREADPOOL_SIZE"] ??= "16";

export {};
