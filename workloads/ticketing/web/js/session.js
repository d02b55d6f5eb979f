// Signing in at a user pool's hosted page: the authorization code flow with PKCE. A token lives as long as the tab.

const KEPT = "ticketing.session";
const ASKED = "ticketing.asked";

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const random = (length = 32) => base64url(crypto.getRandomValues(new Uint8Array(length)));
const here = () => location.origin + location.pathname;

function claimsOf(token) {
  const bytes = Uint8Array.from(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Who is signed in: `{token, name, key, agent, until}`, or null. The API alone decides whether the token holds. */
export function session() {
  const kept = sessionStorage.getItem(KEPT);
  if (kept === null) return null;
  try {
    const { token, until } = JSON.parse(kept);
    if (until <= Date.now()) throw new Error("expired");
    const claims = claimsOf(token);
    const agent = Array.isArray(claims["cognito:groups"]) && claims["cognito:groups"].includes("agents");
    return { token, name: claims.email ?? claims.name, key: claims["cognito:username"], agent };
  } catch {
    sessionStorage.removeItem(KEPT);
    return null;
  }
}

/** Forget the token. */
export function signOut() {
  sessionStorage.removeItem(KEPT);
}

/** Leave for the pool's hosted page. */
export async function signIn(pool) {
  const asked = { state: random(), verifier: random(48), nonce: random(), region: pool.region };
  sessionStorage.setItem(ASKED, JSON.stringify(asked));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(asked.verifier));
  const query = new URLSearchParams({
    response_type: "code",
    client_id: pool.clientId,
    redirect_uri: here(),
    scope: "openid email profile",
    state: asked.state,
    nonce: asked.nonce,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
    ...(pool.provider ? { identity_provider: pool.provider } : {}),
  });
  location.assign(`${pool.authorize}?${query}`);
}

/** Back from the hosted page: exchange the code. Answers what went wrong, null when nothing did. */
export async function finishSignIn(pools) {
  const query = new URLSearchParams(location.search);
  if (!query.has("code") && !query.has("error")) return null;
  const asked = JSON.parse(sessionStorage.getItem(ASKED) ?? "null");
  sessionStorage.removeItem(ASKED);
  history.replaceState(null, "", here());
  if (query.has("error")) return query.get("error_description") ?? query.get("error");
  const pool = asked && pools.find((one) => one.region === asked.region);
  // Someone else's code, sent to this page by a link, is not taken: the state is this tab's own.
  if (!pool || query.get("state") !== asked.state) return "the sign-in was not begun in this tab; please begin again";
  try {
    const answer = await fetch(pool.token, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        client_id: pool.clientId,
        redirect_uri: here(),
        code: query.get("code"),
        code_verifier: asked.verifier,
      }),
    });
    if (!answer.ok) return `the sign-in was refused (${answer.status})`;
    const { id_token: token, expires_in: seconds } = await answer.json();
    if (claimsOf(token).nonce !== asked.nonce) return "the sign-in was answered with another one's token";
    // By this browser's own clock: how long it lasts, not until when, which another clock has said.
    sessionStorage.setItem(KEPT, JSON.stringify({ token, until: Date.now() + seconds * 1000 }));
    return null;
  } catch {
    return "the sign-in service could not be reached; please try again";
  }
}
