import type {
  CredentialsSource,
  Endpoint,
  ProfileSecret,
  ProviderPreset,
} from "#shared/profile.ts";
import type { EndpointTrust } from "#shared/network.ts";
import { readRate, writeRate } from "../common/rate-text.ts";
import type { ObjectChoice, ObjectDraft, ReadObject } from "../object/object-draft.ts";
import { EMPTY_OBJECT_DRAFT, objectDraftOf, readObjectDraft } from "../object/object-draft.ts";
import { parseSize } from "#shared/format.ts";
import { Profile, ProfileId } from "#shared/profile.ts";
import type { ChosenPreset } from "./presets.ts";
import { PRESETS } from "./presets.ts";

/** A profile as it is being typed: text, until it is read. */
export type ProfileDraft = {
  readonly name: string;
  readonly preset: ProviderPreset;
  /** Empty for AWS, whose address comes from the region. */
  readonly url: string;
  readonly region: string;
  readonly addressing: Profile["addressing"];
  /** Empty: any bucket. */
  readonly bucket: string;
  readonly credentials: CredentialsSource["kind"];
  readonly accessKeyId: string;
  readonly awsProfile: string;
  /** Empty: the kept one stays. */
  readonly secretKey: string;
  readonly sessionToken: string;
  /** `16 MiB`; empty is the default. */
  readonly partSize: string;
  /** Empty is the default. */
  readonly connections: string;
  /** Most parts of one upload; empty is what S3 takes, or what the server says. */
  readonly maxParts: string;
  /** PEM of authorities for this endpoint alone; empty is none. */
  readonly caFile: string;
  /** Of the only certificate that is believed, with or without colons; empty is none. */
  readonly pinnedSha256: string;
  /** `40 MB/s`; empty is no limit. */
  readonly downLimit: string;
  readonly upLimit: string;
  readonly object: ObjectDraft;
};

export type DraftField = keyof ProfileDraft;
export type Problems = Readonly<Partial<Record<DraftField, string>>>;

/** What goes to the host: the secret apart, null where the kept one stays. */
export type ReadProfile = { readonly profile: Profile; readonly secret: ProfileSecret | null };

export type ReadDraft =
  | ({ readonly ok: true } & ReadProfile)
  | { readonly ok: false; readonly problems: Problems };

const MiB = 1024 * 1024;

export function newDraft(preset: ChosenPreset): ProfileDraft {
  const { region, addressing } = PRESETS[preset];
  return {
    name: "",
    preset,
    url: "",
    region,
    addressing,
    bucket: "",
    credentials: "stored",
    accessKeyId: "",
    awsProfile: "",
    secretKey: "",
    sessionToken: "",
    partSize: "",
    connections: "",
    maxParts: "",
    caFile: "",
    pinnedSha256: "",
    downLimit: "",
    upLimit: "",
    object: EMPTY_OBJECT_DRAFT,
  };
}

function wayOf({ trust, limits, maxParts }: Profile) {
  return {
    maxParts: maxParts === undefined ? "" : String(maxParts),
    caFile: trust?.caFile ?? "",
    pinnedSha256: trust?.pinnedSha256 ?? "",
    downLimit: writeRate(limits?.downBytesPerSecond ?? null),
    upLimit: writeRate(limits?.upBytesPerSecond ?? null),
  };
}

/** As it is kept, to be changed. Secrets never come back from the host. */
export function draftOf(profile: Profile): ProfileDraft {
  const { credentials, endpoint } = profile;
  return {
    name: profile.name,
    preset: profile.preset,
    url: endpoint.kind === "url" ? endpoint.url : "",
    region: profile.region,
    addressing: profile.addressing,
    bucket: profile.bucket ?? "",
    credentials: credentials.kind,
    accessKeyId: credentials.kind === "stored" ? credentials.accessKeyId : "",
    awsProfile: credentials.kind === "aws-profile" ? credentials.profileName : "",
    secretKey: "",
    sessionToken: "",
    partSize: profile.partSizeBytes === null ? "" : `${profile.partSizeBytes / MiB} MiB`,
    connections: profile.connections === null ? "" : String(profile.connections),
    ...wayOf(profile),
    object: objectDraftOf({ object: profile.upload, access: profile.access }),
  };
}

/** Another kind brings its own region and addressing, unless they were changed by hand. */
export function withPreset(draft: ProfileDraft, preset: ChosenPreset): ProfileDraft {
  const before = draft.preset === "practice" ? undefined : PRESETS[draft.preset];
  const after = PRESETS[preset];
  return {
    ...draft,
    preset,
    url: preset === "gcs" && draft.url === "" ? after.endpoint : draft.url,
    region: draft.region === before?.region ? after.region : draft.region,
    addressing: draft.addressing === before?.addressing ? after.addressing : draft.addressing,
  };
}

/** Reads what was typed. `kept` is the saved profile of the same id, if there is one. */
export function readDraft(
  draft: ProfileDraft,
  id: ProfileId,
  kept: Profile | undefined,
): ReadDraft {
  const figures = readFigures(draft);
  const endpoint = readEndpoint(draft, kept);
  const trust = readTrust(draft);
  const object = readObjectDraft(draft.object);
  const problems = {
    ...credentialProblems(draft, kept),
    ...nameProblems(draft),
    ...(typeof endpoint === "string" && { url: endpoint }),
    ...figures.problems,
    ...(typeof trust === "string" && { pinnedSha256: trust }),
    ...objectProblem(object),
    ...limitProblems(draft),
  };
  const profile = Profile.safeParse({
    id,
    name: draft.name,
    preset: draft.preset,
    endpoint,
    region: draft.region,
    addressing: draft.addressing,
    bucket: draft.bucket.trim() === "" ? null : draft.bucket.trim(),
    credentials: readCredentials(draft),
    ...figures.read,
    trust: typeof trust === "string" ? undefined : trust,
    ...(object.ok && keptChoice(object.choice)),
    ...readLimits(draft),
  });
  if (Object.keys(problems).length > 0) return { ok: false, problems };
  if (profile.success) return { ok: true, profile: profile.data, secret: readSecret(draft) };
  return {
    ok: false,
    problems: { name: profile.error.issues[0]?.message ?? "It cannot be kept." },
  };
}

/** What is wrong is text; null is the default. */
function readFigures(draft: ProfileDraft) {
  const partSize = readPartSize(draft.partSize);
  const connections = readConnections(draft.connections);
  const maxParts = readMaxParts(draft);
  const problems: Problems = {
    ...(typeof partSize === "string" && { partSize }),
    ...(typeof connections === "string" && { connections }),
    ...(typeof maxParts === "string" && { maxParts }),
  };
  const read = {
    partSizeBytes: partSize,
    connections,
    ...(typeof maxParts === "number" && { maxParts }),
  };
  return { problems, read };
}

function nameProblems({ name, region }: ProfileDraft): Problems {
  return {
    ...(name.trim() === "" && { name: "A profile needs a name." }),
    ...(region.trim() === "" && { region: "A region is part of every signature." }),
  };
}

function limitProblems({ downLimit, upLimit }: ProfileDraft): Problems {
  const [down, up] = [readRate(downLimit), readRate(upLimit)];
  return {
    ...(!down.ok && { downLimit: down.problem }),
    ...(!up.ok && { upLimit: up.problem }),
  };
}

/** Nothing where neither way has one. */
function readLimits({ downLimit, upLimit }: ProfileDraft): Pick<Profile, "limits"> {
  const [down, up] = [readRate(downLimit), readRate(upLimit)];
  const limits = {
    downBytesPerSecond: down.ok ? down.bytesPerSecond : null,
    upBytesPerSecond: up.ok ? up.bytesPerSecond : null,
  };
  const isFree = limits.downBytesPerSecond === null && limits.upBytesPerSecond === null;
  return isFree ? {} : { limits };
}

function objectProblem({ ok }: ReadObject): Problems {
  return ok ? {} : { object: "Something is wrong in the options of uploads." };
}

function keptChoice({ object, access }: ObjectChoice): Pick<Profile, "upload" | "access"> {
  return { ...(object && { upload: object }), ...(access && { access }) };
}

/** The endpoint, or what is wrong with its address. */
function readEndpoint(draft: ProfileDraft, kept: Profile | undefined): Endpoint | string {
  if (draft.preset === "practice" && kept) return kept.endpoint;
  if (draft.preset === "aws") return { kind: "aws" };
  const typed = draft.url.trim().replace(/\/+$/, "");
  if (typed === "") return "An address is needed, such as https://minio.example:9000.";
  const url = URL.parse(typed.includes("://") ? typed : `https://${typed}`);
  if (!url || !/^https?:$/.test(url.protocol)) return "This is no http or https address.";
  if (url.username !== "" || url.password !== "") return "Keys do not belong in the address.";
  return { kind: "url", url: url.href.replace(/\/$/, "") };
}

function readCredentials(draft: ProfileDraft): CredentialsSource {
  const { credentials } = draft;
  switch (credentials) {
    case "stored":
      return { kind: "stored", accessKeyId: draft.accessKeyId };
    case "aws-profile":
      return { kind: "aws-profile", profileName: draft.awsProfile };
    case "environment":
      return { kind: "environment" };
    case "anonymous":
      return { kind: "anonymous" };
    default:
      return credentials satisfies never;
  }
}

function credentialProblems(draft: ProfileDraft, kept: Profile | undefined): Problems {
  if (draft.credentials === "aws-profile" && draft.awsProfile.trim() === "") {
    return { awsProfile: "Choose one of the profiles in ~/.aws." };
  }
  if (draft.credentials !== "stored") return {};
  return {
    ...(draft.accessKeyId.trim() === "" && { accessKeyId: "The access key is missing." }),
    ...(needsSecret(draft, kept) && { secretKey: "The secret key is missing." }),
  };
}

/** A kept secret belongs to one endpoint: another one gets it typed again. */
export function needsSecret(draft: ProfileDraft, kept: Profile | undefined): boolean {
  if (draft.credentials !== "stored" || draft.secretKey.trim() !== "") return false;
  if (kept?.credentials.kind !== "stored") return true;
  const endpoint = readEndpoint(draft, kept);
  return typeof endpoint !== "string" && JSON.stringify(endpoint) !== JSON.stringify(kept.endpoint);
}

function readSecret(draft: ProfileDraft): ProfileSecret | null {
  const secretAccessKey = draft.secretKey.trim();
  if (draft.credentials !== "stored" || secretAccessKey === "") return null;
  const sessionToken = draft.sessionToken.trim();
  return sessionToken === "" ? { secretAccessKey } : { secretAccessKey, sessionToken };
}

function readPartSize(typed: string): number | null | string {
  if (typed.trim() === "") return null;
  try {
    const bytes = parseSize(typed);
    const isWhole = bytes % MiB === 0 && bytes >= 5 * MiB && bytes <= 5120 * MiB;
    return isWhole ? bytes : "A whole number of MiB, from 5 MiB to 5 GiB.";
  } catch {
    return "A size with its unit, such as 16 MiB.";
  }
}

/** Undefined where nothing was typed; what is wrong with it as text. */
function readTrust(draft: ProfileDraft): EndpointTrust | undefined | string {
  const caFile = draft.caFile.trim();
  const pinnedSha256 = draft.pinnedSha256.replace(/[\s:]/g, "").toLowerCase();
  if (draft.preset === "aws" || (caFile === "" && pinnedSha256 === "")) return undefined;
  if (pinnedSha256 !== "" && !/^[0-9a-f]{64}$/.test(pinnedSha256)) {
    return "A SHA-256 has 64 digits, 0 to 9 and a to f.";
  }
  return { ...(caFile && { caFile }), ...(pinnedSha256 && { pinnedSha256 }) };
}

function readConnections(typed: string): number | null | string {
  if (typed.trim() === "") return null;
  const count = Number(typed);
  return Number.isInteger(count) && count >= 1 && count <= 256 ? count : "A number from 1 to 256.";
}

function readMaxParts({ preset, maxParts }: ProfileDraft): number | null | string {
  if (preset === "aws" || maxParts.trim() === "") return null;
  const count = Number(maxParts);
  return Number.isInteger(count) && count >= 2 && count <= 10_000
    ? count
    : "A number from 2 to 10000.";
}

export function makeProfileId(): ProfileId {
  return ProfileId.parse(crypto.randomUUID());
}
