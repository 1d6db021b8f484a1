import { useEffect, useState } from "react";
import { useClient } from "../host/host.ts";

/** Names of the profiles in `~/.aws` of the machine that runs the engine; none until it answered. */
export function useAwsNames(): readonly string[] {
  const client = useClient();
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    let isWanted = true;
    client.call("profile.awsNames", null).then(
      (found) => isWanted && setNames(found),
      // Nothing to offer; a name can still be typed.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [client]);
  return names;
}
