import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act } from "react";
import type { CallHandlers } from "#shared/contract.ts";
import type { Pace, Settings } from "#shared/settings.ts";
import type { PaceMode } from "#shared/week.ts";
import { LonghaulError } from "#shared/errors.ts";
import { DEFAULT_NETWORK } from "#shared/network.ts";
import { fakeProfiles, fakeSettings } from "../fixture/fake-places.ts";
import { HOST } from "../fixture/fake-handlers.ts";
import { render } from "../fixture/render.tsx";
import { useNoticeStore } from "../state/notice-store.ts";
import { useProfileStore } from "../state/profile-store.ts";
import type { SettingsPage } from "../state/screen-store.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useSettingsStore } from "../state/settings-store.ts";
import { useDraftStore } from "./draft-store.ts";
import { SettingsScreen } from "./settings-screen.tsx";

let page: Awaited<ReturnType<typeof render>>;
const text = () => document.querySelector("main")?.textContent ?? "";
const callsOf = (name: string) => page.asked.filter((one) => one.name === name);
const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent?.startsWith(words));
const settle = () => act(() => new Promise((resolve) => setTimeout(resolve, 0)));

function field(label: string): HTMLInputElement {
  const found = [...document.querySelectorAll("label")].find((one) => one.textContent === label);
  const input = document.querySelector<HTMLInputElement>(
    `#${CSS.escape(found?.htmlFor ?? "none")}`,
  );
  if (!input) throw new Error(`there is no field ${label}`);
  return input;
}

async function type(label: string, typed: string) {
  await act(async () => {
    const input = field(label);
    input.focus();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, typed);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

async function show(settingsPage: SettingsPage, answers: Partial<CallHandlers> = {}) {
  useScreenStore.setState({ screen: "settings", settingsPage, editedProfile: null });
  page = await render(<SettingsScreen />, [], answers);
  await settle();
}

beforeEach(async () => {
  useProfileStore.setState({ profiles: await fakeProfiles["profile.list"]() });
  useSettingsStore.setState({ settings: fakeSettings(new URLSearchParams()) });
  useDraftStore.setState({ drafts: new Map(), tests: new Map(), savedKey: null });
  useNoticeStore.setState({ notices: [] });
});
afterEach(() => page.close());

const setting = (label: string) => {
  const found = document.querySelector<HTMLInputElement>(`input[aria-label="${label}"]`);
  if (!found) throw new Error(`there is no field ${label}`);
  return found;
};
const typeInto = async (label: string, typed: string) => {
  await act(async () => {
    const found = setting(label);
    found.focus();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(found, typed);
    found.dispatchEvent(new Event("input", { bubbles: true }));
  });
};
const choose = async (words: string) => {
  const radio = [...document.querySelectorAll("label")].find((one) => one.textContent === words);
  await page.click(radio);
};
const kept = () =>
  callsOf("settings.set").map(({ input: change }) => (change as Partial<Settings>).network);

describe("the profile in the editor", () => {
  it("opens with the first, and with another by a click", async () => {
    await show("profiles");
    expect(document.querySelector("form")?.getAttribute("aria-label")).toBe("company");
    await page.click(button("lab-minio"));
    expect(field("Endpoint").value).toBe("https://minio.lab.example:9000");
  });

  it("keeps what was typed while another is looked at, and says that it is not saved", async () => {
    await show("profiles");
    await type("Region", "eu-north-1");
    await page.click(button("lab-minio"));
    expect(text()).toContain("changed, not saved");
    await page.click(button("company"));
    expect(field("Region").value).toBe("eu-north-1");
    await page.click(button("Undo changes"));
    expect(field("Region").value).toBe("eu-central-1");
  });

  it("of the practice bucket shows only what can be changed", async () => {
    await show("profiles");
    await page.click(button("Practice bucket"));
    expect(text()).toContain("A store on this computer");
    expect([...document.querySelectorAll("form label")].map((one) => one.textContent)).toEqual([
      "Name",
      "Also try writing",
    ]);
  });
});

describe("saving a profile", () => {
  it("saves a new one under its own id, with the secret apart", async () => {
    await show("profiles");
    await page.click(button("Add a profile"));
    await type("Name", "second");
    await type("Access key", "mira");
    await type("Secret key", "s3cret");
    await page.click(button("Save"));
    const [saved] = callsOf("profile.save");
    expect(saved?.input).toMatchObject({
      profile: {
        name: "second",
        preset: "aws",
        endpoint: { kind: "aws" },
        credentials: { kind: "stored", accessKeyId: "mira" },
      },
      secret: { secretAccessKey: "s3cret" },
    });
    expect(useDraftStore.getState().drafts.size).toBe(0);
    expect(useNoticeStore.getState().notices.at(-1)?.text).toBe("second is saved.");
  });

  it("leaves who has gone elsewhere meanwhile where they are", async () => {
    await show("profiles");
    await page.click(button("Add a profile"));
    await type("Name", "second");
    await type("Access key", "mira");
    await type("Secret key", "s3cret");
    act(() => {
      button("Save")?.click();
      useScreenStore.getState().show("transfers");
    });
    await settle();
    expect(useScreenStore.getState().screen).toBe("transfers");
    expect(useNoticeStore.getState().notices.at(-1)?.text).toBe("second is saved.");
  });

  it("names what is missing, and asks nobody", async () => {
    await show("profiles");
    await page.click(button("Add a profile"));
    await page.click(button("Save"));
    expect(text()).toContain("A profile needs a name.");
    expect(text()).toContain("The secret key is missing.");
    expect(callsOf("profile.save")).toEqual([]);
    await type("Name", "x");
    expect(text()).not.toContain("A profile needs a name.");
  });
});

describe("the secret", () => {
  it("is never shown, and another takes its place", async () => {
    await show("profiles");
    expect(field("Secret key").value).toBe("kept, not shown");
    await page.click(button("Replace…"));
    expect(field("Secret key").value).toBe("");
    expect(field("Secret key").type).toBe("password");
  });

  it("is wanted again when the endpoint changes", async () => {
    await show("profiles");
    await page.click(button("lab-minio"));
    await type("Endpoint", "https://elsewhere.example");
    await page.click(button("Save"));
    expect(text()).toContain("The secret key is missing.");
    expect(callsOf("profile.save")).toEqual([]);
  });
});

describe("testing a profile", () => {
  it("tests what is typed, step by step, with what to do in the failing line", async () => {
    await show("profiles");
    await page.click(button("lab-minio"));
    await page.click(document.querySelector('input[type="checkbox"]'));
    await page.click(button("Test"));
    await settle();
    expect(callsOf("profile.test").map(({ input }) => input)).toMatchObject([
      { profile: { id: "lab-minio" }, secret: null, tryWrite: true },
    ]);
    const failed = document.querySelector('li[data-result="failed"]');
    expect(failed?.textContent).toContain("does not accept the keys");
    expect(failed?.textContent).toContain("Enter both keys again");
    expect(text()).toContain("2 passed, 1 failed");
  });

  it("takes the bucket's region over from the failing line", async () => {
    const error = {
      code: "wrong-region",
      message: "",
      details: { region: "eu-west-3", askedRegion: "eu-central-1" },
    } as const;
    await show("profiles", {
      "profile.test": async () => [
        { step: "list", outcome: "failed", found: "", error, tookMs: 3 },
      ],
    });
    await page.click(button("Test"));
    await settle();
    await page.click(button("Use eu-west-3"));
    expect(field("Region").value).toBe("eu-west-3");
  });

  it("says why a test could not be made", async () => {
    await show("profiles", {
      "profile.test": async () => {
        throw new LonghaulError("unreachable", "no answer");
      },
    });
    await page.click(button("Test"));
    await settle();
    expect(useNoticeStore.getState().notices.at(-1)?.tone).toBe("warn");
    expect(button("Test again")?.hasAttribute("disabled")).toBe(false);
  });
});

describe("the list of profiles", () => {
  it("offers what ~/.aws has and no profile uses", async () => {
    await show("profiles");
    await page.click(button("Import from ~/.aws, 3 found"));
    const items = [...document.querySelectorAll('[role="menuitem"]')];
    await page.click(items.find((item) => item.textContent?.includes("research-us")));
    expect(field("Profile in ~/.aws").value).toBe("research-us");
    expect(field("Name").value).toBe("research-us");
  });

  it("removes one only after asking, the focus on keeping it", async () => {
    await show("profiles");
    await page.click(document.querySelector('[aria-label="More for company"]'));
    await page.click(document.querySelector('[role="menuitem"]'));
    expect(document.querySelector('[role="dialog"]')?.textContent).toContain(
      "Its secret key is deleted",
    );
    await page.click(button("Keep it"));
    expect(callsOf("profile.remove")).toEqual([]);
    await page.click(document.querySelector('[aria-label="More for company"]'));
    await page.click(document.querySelector('[role="menuitem"]'));
    await page.click(
      [...document.querySelectorAll("button")].find((one) => one.textContent === "Remove"),
    );
    expect(callsOf("profile.remove").map(({ input }) => input)).toEqual([{ id: "company" }]);
  });
});

describe("bandwidth", () => {
  const pace = (mode: PaceMode, untilMs: number | null): Pace => {
    const limits = { downBytesPerSecond: null, upBytesPerSecond: 5_000_000 };
    return { mode, limits, untilMs, next: untilMs === null ? null : "full", isOverride: false };
  };

  it("says what holds now, and goes back to full speed", async () => {
    useStatusStore.setState({ pace: pace("limited", null) });
    await show("bandwidth");
    expect(text()).toContain("Now limited to 5 MB/s up.");
    await page.click(button("Full speed"));
    expect(callsOf("limit.set").map(({ input }) => input)).toEqual([
      { downBytesPerSecond: null, upBytesPerSecond: null },
    ]);
  });

  it("takes a rate with its unit, and refuses one without", async () => {
    await show("bandwidth");
    await type("Down", "40");
    await page.press("Enter");
    expect(callsOf("limit.set")).toEqual([]);
    await type("Down", "40 Mbit/s");
    expect(text()).toContain("= 5 MB/s");
    await page.press("Enter");
    expect(callsOf("limit.set").map(({ input }) => input)).toEqual([
      { downBytesPerSecond: 5_000_000, upBytesPerSecond: 5_000_000 },
    ]);
  });
});
describe("the proxy", () => {
  it("keeps a proxy of one's own once it has an address, and no password in it", async () => {
    await show("network");
    await choose("This one");
    expect(kept()).toEqual([]);
    await typeInto("Address of the proxy", "http://mira:canary@proxy:3128");
    await page.press("Enter");
    expect(text()).toContain("Name and password have fields below.");
    await typeInto("Address of the proxy", "proxy:3128");
    await page.press("Enter");
    expect(kept().map((network) => network?.proxy)).toEqual([
      { kind: "manual", url: "http://proxy:3128", userName: null, bypass: "" },
    ]);
  });

  it("gives a proxy's password to the host, apart from the settings", async () => {
    const proxy = { kind: "manual", url: "http://proxy:1", userName: "mira", bypass: "" } as const;
    const settings = fakeSettings(new URLSearchParams());
    useSettingsStore.setState({
      settings: { ...settings, network: { ...DEFAULT_NETWORK, proxy } },
    });
    await show("network");
    await typeInto("Password at the proxy", "canary");
    await page.press("Enter");
    expect(callsOf("settings.proxyPassword").map((one) => one.input)).toEqual([
      { password: "canary" },
    ]);
    expect(setting("Password at the proxy").value).toBe("");
    await choose("None");
    expect(kept().map((network) => network?.proxy)).toEqual([{ kind: "none" }]);
  });
});

describe("the network", () => {
  it("changes times and numbers at once, within their bounds", async () => {
    await show("network");
    await typeInto("Seconds without a byte", "2");
    await typeInto("Seconds without a byte", "45");
    await typeInto("Connections to one endpoint", "16");
    expect(kept().map((network) => [network?.stallSeconds, network?.connections])).toEqual([
      [45, 50],
      [30, 16],
    ]);
  });

  it("adds a file of certificates, and takes it away", async () => {
    await show("network");
    await page.click(button("Choose a file…"));
    const { useFolderStore } = await import("../folder/folder-store.ts");
    const picked = { ref: { path: "/etc/ca.pem" }, path: "/etc/ca.pem", kind: "file" } as const;
    await act(async () => useFolderStore.getState().ask?.answer([picked]));
    expect(kept().map((network) => network?.caFile)).toEqual(["/etc/ca.pem"]);
  });
});

describe("folders and looks", () => {
  it("shows the download folder with its free space, and changes it", async () => {
    await show("storage");
    expect(text()).toContain("182 GB can be used");
    await page.click(button("Change…"));
    const { useFolderStore } = await import("../folder/folder-store.ts");
    const picked = { ref: { path: "/data" }, path: "/data", kind: "folder" } as const;
    await act(async () => useFolderStore.getState().ask?.answer([picked]));
    expect(callsOf("settings.set").map(({ input }) => input)).toEqual([
      { downloadFolder: "/data" },
    ]);
  });

  it("changes looks at once", async () => {
    await show("appearance");
    const sample = document.querySelector("[inert]");
    expect(sample?.textContent).toContain("19.6 of 42.5 GB");
    expect(sample?.getAttribute("data-density")).toBe("comfortable");
    const radio = (words: string) =>
      [...document.querySelectorAll("label")].find((one) => one.textContent === words);
    await page.click(radio("Dark")?.querySelector("input") ?? radio("Dark"));
    await page.click(radio("Compact"));
    await page.click(radio("GiB"));
    await page.click(document.querySelector('[aria-label="Reduce motion"]'));
    expect(callsOf("settings.set").map(({ input }) => input)).toEqual(
      expect.arrayContaining([
        { density: "compact" },
        { sizeUnits: "binary" },
        { reduceMotion: true },
      ]),
    );
  });
});

describe("help", () => {
  const host = { ...HOST, canShowInFolder: true, canPick: true };

  it("opens the logs and keeps diagnostics by the system's dialog, and says where", async () => {
    useStatusStore.setState({ host });
    await show("help", { "host.saveDiagnostics": async () => "/home/mira/d.json" });
    expect(text()).toContain("~/.local/share/longhaul/logs");
    await page.click(button("Open logs"));
    expect(callsOf("host.openLogs")).toHaveLength(1);
    await page.click(button("Save diagnostics…"));
    await settle();
    expect(useNoticeStore.getState().notices.map((one) => one.text)).toEqual([
      "Saved as /home/mira/d.json.",
    ]);
  });

  it("hands the diagnostics to the browser where there is no dialog", async () => {
    const saved: string[] = [];
    URL.createObjectURL = () => "blob:made";
    URL.revokeObjectURL = () => undefined;
    HTMLAnchorElement.prototype.click = function click() {
      saved.push(this.download);
    };
    useStatusStore.setState({ host: { ...host, canShowInFolder: false, canPick: false } });
    await show("help");
    expect(button("Open logs")).toBeUndefined();
    expect(button("Copy path")).toBeDefined();
    await page.click(button("Save diagnostics"));
    await settle();
    expect(saved).toEqual(["longhaul-diagnostics.json"]);
  });
});
