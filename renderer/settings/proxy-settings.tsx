import { useState } from "react";
import { SegmentedControl } from "@mantine/core";
import type { ProxySetting } from "#shared/network.ts";
import { useAct } from "../host/use-act.ts";
import { useSettings } from "../state/settings-store.ts";
import { proxyProblem, readProxyAddress } from "./proxy-address.ts";
import { SettingText } from "./setting-text.tsx";
import { Setting, SettingGroup } from "./setting.tsx";

type Manual = Extract<ProxySetting, { kind: "manual" }>;

const EMPTY: Omit<Manual, "url"> = { kind: "manual", userName: null, bypass: "" };

/** Which proxy is used. The fields of an own one can be filled once it is chosen. */
export function ProxySettings() {
  const act = useAct();
  const { network } = useSettings();
  const { proxy } = network;
  /** Chosen, and no address yet: nothing is kept until there is one. */
  const [isWanted, setWanted] = useState(false);
  const kind = isWanted ? "manual" : proxy.kind;
  const keep = (next: ProxySetting) =>
    act("settings.set", { network: { ...network, proxy: next } });
  const choose = (next: ProxySetting["kind"]) => {
    setWanted(next === "manual");
    if (next !== "manual") keep({ kind: next });
  };
  return (
    <SettingGroup title="Proxy" note={kind === proxy.kind ? NOTES[kind] : NO_ADDRESS}>
      <Setting label="Use">
        <SegmentedControl<ProxySetting["kind"]>
          aria-label="Proxy"
          data={[
            { value: "system", label: "The system's" },
            { value: "none", label: "None" },
            { value: "manual", label: "This one" },
          ]}
          value={kind}
          onChange={choose}
        />
      </Setting>
      {kind === "manual" && (
        <ManualFields
          manual={proxy.kind === "manual" ? proxy : null}
          onKeep={(manual) => {
            setWanted(false);
            keep(manual);
          }}
        />
      )}
    </SettingGroup>
  );
}

const NOTES: Readonly<Record<ProxySetting["kind"], string>> = {
  system: "What the system says, or HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the command line.",
  none: "Endpoints are reached directly.",
  manual: "Everything goes through this one, but for what is named below.",
};

const NO_ADDRESS = "It is used once it has an address; until then nothing changes.";

type ManualFieldsProps = {
  readonly manual: Manual | null;
  readonly onKeep: (manual: Manual) => void;
};

function ManualFields({ manual, onKeep }: ManualFieldsProps) {
  const act = useAct();
  const change = (part: Partial<Manual>) => manual && onKeep({ ...manual, ...part });
  const keepAddress = (typed: string) =>
    onKeep({ ...EMPTY, ...manual, url: readProxyAddress(typed) });
  return (
    <>
      <Setting label="Address" note="http or https.">
        <SettingText
          label="Address of the proxy"
          placeholder="http://proxy.corp.example:3128"
          value={manual?.url ?? ""}
          check={proxyProblem}
          onCommit={keepAddress}
        />
      </Setting>
      <Setting label="Not for" note="Names and networks, as in NO_PROXY.">
        <SettingText
          label="Not through the proxy"
          placeholder="*.lab.example, 10.0.0.0/8"
          value={manual?.bypass ?? ""}
          isDisabled={manual === null}
          onCommit={(bypass) => change({ bypass })}
        />
      </Setting>
      <Setting label="User name" note="Empty where the proxy asks for none.">
        <SettingText
          label="User name at the proxy"
          value={manual?.userName ?? ""}
          isDisabled={manual === null}
          onCommit={(typed) => {
            change({ userName: typed === "" ? null : typed });
            if (typed === "") act("settings.proxyPassword", { password: null });
          }}
        />
      </Setting>
      {manual !== null && manual.userName !== null && (
        <Setting label="Password" note="Kept where keys are kept, and never shown again.">
          <SettingText
            label="Password at the proxy"
            placeholder="as it is kept"
            value=""
            isSecret
            onCommit={(password) => act("settings.proxyPassword", { password })}
          />
        </Setting>
      )}
    </>
  );
}
