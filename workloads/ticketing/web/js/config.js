// The configuration file: where the API is, which Regions there are, where one signs in.
//
//   api        the address that DNS leads to whichever Region serves
//   regions    [{name, health}]   health: that Region's own deep health, past the DNS
//   identity   [{region, authorize, token, logout?, clientId, provider?}]   a user pool in each Region
//   operator   [{region, down, up}] only on the twin: where a POST takes a Region down and brings it back

export async function configuration() {
  const answer = await fetch("config.json", { cache: "no-store" });
  if (!answer.ok) throw new Error(`config.json: ${answer.status}`);
  const given = await answer.json();
  if (typeof given.api !== "string" || !Array.isArray(given.regions) || !Array.isArray(given.identity)) {
    throw new Error("config.json needs `api`, `regions` and `identity`");
  }
  return { operator: [], ...given, api: given.api.replace(/\/$/, "") };
}
