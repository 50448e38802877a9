// oidc-provider, a certified OpenID provider, with one client: the gateway.
// node identity_provider.mjs PORT GATEWAY_ORIGIN CLIENT_ID CLIENT_SECRET

import { Provider } from "oidc-provider";

const [port, gateway, clientId, clientSecret] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [`${gateway}/auth/callback`],
      post_logout_redirect_uris: [`${gateway}/`],
      backchannel_logout_uri: `${gateway}/auth/backchannel-logout`,
      backchannel_logout_session_required: true,
    },
  ],
  claims: {
    openid: ["sub", "enterprises"],
    profile: ["name"],
    email: ["email", "email_verified"],
  },
  // The gateway reads the ID token and never asks for user info.
  conformIdTokenClaims: false,
  cookies: { keys: ["a key of the tests"] },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
  },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({
      sub,
      name: `The person ${sub}`,
      email: `${sub}@example.com`,
      email_verified: true,
      enterprises: ["acme"],
    }),
  }),
  // Its own dispatcher refuses loopback addresses, where the gateway of the tests is.
  fetch: (address, { dispatcher, ...options }) => fetch(address, options),
});

for (const event of ["authorization.error", "grant.error", "end_session.error", "server_error"]) {
  provider.on(event, (_, error) => console.error(event, error));
}
provider.on("backchannel.error", (_, error) => console.error("backchannel.error", error));

provider.listen(Number(port), "127.0.0.1");
