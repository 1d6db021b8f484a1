import { Button, NumberInput } from "@mantine/core";
import { IconCertificate } from "@tabler/icons-react";
import type { NetworkSettings } from "#shared/network.ts";
import { homePath } from "../common/home-path.ts";
import { pickPlaces } from "../folder/folder-store.ts";
import { useClient } from "../host/host.ts";
import { useAct } from "../host/use-act.ts";
import { useSettings } from "../state/settings-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import { ProxySettings } from "./proxy-settings.tsx";
import { Setting, SettingGroup, SettingPage } from "./setting.tsx";

/** How endpoints are reached, by whom they are believed, and how long is waited for them. */
export function NetworkPage() {
  return (
    <SettingPage>
      <ProxySettings />
      <CertificateSettings />
      <SettingGroup title="When the network fails">
        <Setting
          label="Call a part stalled after"
          note="Then it is asked for again, on another connection."
        >
          <FigureInput
            label="Seconds without a byte"
            field="stallSeconds"
            min={5}
            max={600}
            unit="s"
          />
        </Setting>
        <Setting label="Give up connecting after" note="For each address of the endpoint.">
          <FigureInput
            label="Seconds to connect"
            field="connectSeconds"
            min={1}
            max={120}
            unit="s"
          />
        </Setting>
      </SettingGroup>
      <SettingGroup title="Connections">
        <Setting
          label="To one endpoint"
          note="Fewer while it asks to slow down. A profile may say less."
        >
          <FigureInput label="Connections to one endpoint" field="connections" min={1} max={256} />
        </Setting>
        <Setting
          label="Files of one transfer at once"
          note="Small is up to 16 MiB. Large ones have many parts each."
        >
          <FigureInput label="Small files at once" field="smallFiles" min={1} max={128} />
          small
          <FigureInput label="Large files at once" field="largeFiles" min={1} max={16} />
          large
        </Setting>
      </SettingGroup>
    </SettingPage>
  );
}

function CertificateSettings() {
  const client = useClient();
  const act = useAct();
  const host = useStatusStore((state) => state.host);
  const { network } = useSettings();
  const keep = (caFile: string | null) => act("settings.set", { network: { ...network, caFile } });
  const choose = async () => {
    const [picked] = await pickPlaces(client, host, "files", "Certificates");
    if (picked) keep(picked.path);
  };
  return (
    <SettingGroup
      title="Certificates"
      note="The authorities of the public web are trusted. A profile may name a certificate of its own endpoint."
    >
      <Setting
        label="And these"
        note={
          network.caFile === null
            ? "A PEM file, of a company's own authority perhaps."
            : homePath(network.caFile, host)
        }
      >
        {network.caFile !== null && <Button onClick={() => keep(null)}>Remove</Button>}
        <Button
          leftSection={<IconCertificate size={14} stroke={1.6} aria-hidden />}
          onClick={() => void choose()}
        >
          Choose a file…
        </Button>
      </Setting>
    </SettingGroup>
  );
}

type FigureInputProps = {
  readonly label: string;
  readonly field: "stallSeconds" | "connectSeconds" | "connections" | "smallFiles" | "largeFiles";
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
};

function FigureInput({ label, field, min, max, unit }: FigureInputProps) {
  const act = useAct();
  const { network } = useSettings();
  const change = (part: Partial<NetworkSettings>) =>
    act("settings.set", { network: { ...network, ...part } });
  return (
    <NumberInput
      aria-label={label}
      w={84}
      value={network[field]}
      min={min}
      max={max}
      suffix={unit === undefined ? "" : ` ${unit}`}
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="blur"
      onChange={(typed) => {
        // While a figure is typed it may be out of bounds.
        if (typeof typed === "number" && typed >= min && typed <= max) change({ [field]: typed });
      }}
    />
  );
}
