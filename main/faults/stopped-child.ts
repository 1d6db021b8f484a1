import { z } from "zod";
import { ProfileId } from "#shared/profile.ts";
import { clientOf, hostOf, isAtRest, memoryDocument, untilView } from "../engine-rig.ts";
import { createEngine } from "../engine.ts";

const Given = z.object({
  home: z.string(),
  /** The file to send, as `lab/up/`. */
  path: z.string(),
  endpoint: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  leastJumpMs: z.number(),
  upBytesPerSecond: z.number(),
});

/**
 * Run by the tests of a wake as a process of its own: an engine that sends one file, which is to be
 * stopped in the middle. Prints `moving` once bytes are on their way, and at the end the phase.
 */
async function sendOne(given: z.infer<typeof Given>): Promise<void> {
  const { home, path, endpoint, accessKeyId, secretAccessKey, leastJumpMs } = given;
  const store = { endpoint, accessKeyId, secretAccessKey };
  const host = hostOf(home, memoryDocument(), store);
  const engine = await createEngine({ ...host, waits: { leastJumpMs } });
  const client = clientOf(engine);
  const profileId = ProfileId.parse("lab");
  const profile = {
    id: profileId,
    name: "Lab",
    preset: "practice",
    endpoint: { kind: "practice", folder: home },
    region: "us-east-1",
    addressing: "path",
    bucket: "lab",
    credentials: { kind: "anonymous" },
    partSizeBytes: 5 * 1024 * 1024,
    connections: 8,
  } as const;
  await client.call("profile.save", { profile, secret: null });
  const { upBytesPerSecond } = given;
  await client.call("limit.set", { upBytesPerSecond, downBytesPerSecond: null });
  const destination = { profileId, bucket: "lab", prefix: "up/" };
  const { id } = await client.call("transfer.upload", { sources: [{ path }], destination });
  await untilView(client, id, ({ bytesPerSecond }) => bytesPerSecond > 0);
  process.stdout.write("moving\n");
  const { state } = await untilView(client, id, isAtRest);
  process.stdout.write(`${state.phase}\n`);
  await engine.close();
}

await sendOne(Given.parse(JSON.parse(process.argv[2] ?? "")));
