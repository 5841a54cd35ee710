// An OpenID Connect provider of the tests' own, on loopback, forgetting everything when it ends.
//
// Usage: node provider.mjs PORT KEY_ID ALGORITHM [CERTIFICATE KEY]
//
// A port of 0 is any free one; with a certificate and its key, PEM files, it speaks TLS.
//
// Prints one line of JSON, {"issuer": …}, when it answers. Everybody can sign in, with any
// password; the name decides the groups. `svc` with the secret `svc-secret` gets tokens without
// anybody, of the groups in its request's scope.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Provider } from 'oidc-provider';

const [port, keyId, algorithm] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
const [certificate, key] = process.argv.slice(5);

const groupsOf = { mara: ['devs'], olga: ['ops', 'devs'], eve: [] };

function makeKey() {
  const kind = algorithm === 'EdDSA' ? ['ed25519', {}]
    : algorithm === 'ES256' ? ['ec', { namedCurve: 'P-256' }]
    : ['rsa', { modulusLength: 2048 }];
  const jwk = generateKeyPairSync(...kind).privateKey.export({ format: 'jwk' });
  return { ...jwk, kid: keyId, use: 'sig', alg: algorithm };
}
// ID tokens are signed with RS256 unless a client says otherwise: there is always a key for them.
const others = algorithm === 'RS256' ? [] : [{
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kid: 'for-id-tokens', use: 'sig', alg: 'RS256',
}];

const server = certificate
  ? createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) })
  : createServer();
server.listen(port, '127.0.0.1', () => {
  const issuer = `${certificate ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    jwks: { keys: [makeKey(), ...others] },
    clients: [
      {
        client_id: 'svc', client_secret: 'svc-secret', grant_types: ['client_credentials'],
        redirect_uris: [], response_types: [],
      },
      {
        client_id: 'cli', token_endpoint_auth_method: 'none', application_type: 'native',
        redirect_uris: [], response_types: [],
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      },
    ],
    scopes: ['openid', 'offline_access', 'devs', 'ops'],
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:skillbox',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'devs ops', audience: 'urn:skillbox', accessTokenFormat: 'jwt',
          jwt: { sign: { alg: algorithm } },
        }),
      },
    },
    extraTokenClaims: (_, token) => ({
      groups: token.accountId ? groupsOf[token.accountId] ?? [] : (token.scope ?? '').split(' '),
      preferred_username: token.accountId,
    }),
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    cookies: { keys: ['for tests'] },
  });
  // How long clients wait between two questions; without it five seconds.
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route === 'device_authorization' && ctx.body?.device_code) ctx.body.interval = 1;
  });
  server.on('request', provider.callback());
  console.log(JSON.stringify({ issuer }));
});
