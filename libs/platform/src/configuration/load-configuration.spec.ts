import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { SERVICE_CHANGES } from '#contracts';
import { ConfigurationError } from './configuration-error.js';
import { VARIABLES } from './environment.js';
import { loadConfiguration, redactedConfiguration } from './load-configuration.js';

const KINDS = [
  'distribution',
  'harbor',
  { kind: 'ecr', options: [{ name: 'region' }], secretOptions: [{ name: 'accessKey' }] },
];
const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

type Given = { yaml?: string; env?: Record<string, string>; files?: Record<string, string> };

function load({ yaml, env = {}, files = {} }: Given) {
  const all: Record<string, string> = {
    ...(yaml === undefined ? {} : { '/etc/tagwarden/tagwarden.yaml': yaml }),
    ...files,
  };
  const readFile = (path: string) => {
    const text = all[path];
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    return text;
  };
  const named = yaml === undefined ? {} : { TAGWARDEN_CONFIG: '/etc/tagwarden/tagwarden.yaml' };
  return loadConfiguration({ env: { ...named, ...env }, cwd: '/srv', knownKinds: KINDS, readFile });
}

function problemsOf(given: Given): string[] {
  try {
    load(given);
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error.problems.map(({ origin, path, message }) =>
        [origin?.replace('/etc/tagwarden/', ''), path, message].filter(Boolean).join(': '),
      );
    }
    throw error;
  }
  return [];
}

/** Verbatim from the design. */
const EXAMPLE = `registries:
  - name: local                 # in webhook paths and references
    kind: distribution          # harbor, dockerhub, quay, gitlab, ghcr, ecr, acr, gar, artifactory, nexus, zot, gitea
    url: http://127.0.0.1:5000
    username: ci                # or passwordEnv / passwordFile / token…; kind-specific keys beside it
    passwordEnv: LOCAL_PASSWORD
    webhook: { tokenEnv: LOCAL_HOOK_TOKEN }
    sweep: { every: 5m }
rules:
  - name: releases
    registries: ["*"]
    repositories: { matching: ["acme/**"], excluding: ["acme/sandbox/**"] }   # doublestar
    tags: { matching: ["v*"], excluding: ["*-dev"] }       # or { regex: ["^v\\\\d+"], anchoring: search|full } or { all: true }
    mode: enforce               # or audit
    protect: [overwrite, deletion]
    enabled: true
alerts:
  - { name: ops, type: slack, urlEnv: SLACK_URL, on: [detected, restored, failed] }
  - { name: siem, type: webhook, url: https://siem.example.com/hook, secretEnv: SIEM_SECRET }   # whsec_…; Standard Webhooks
  - { name: local, type: webhook, url: http://127.0.0.1:9000/, secretEnv: S, allowPrivate: true }  # else refused at start
`;
const EXAMPLE_ENV = {
  LOCAL_PASSWORD: 'pass-word',
  LOCAL_HOOK_TOKEN: 'hook-token',
  SLACK_URL: 'https://hooks.slack.com/services/T0/B0/x',
  SIEM_SECRET: SIGNING_SECRET,
  S: SIGNING_SECRET,
};
const registry = (lines: string) =>
  `registries:\n  - name: local\n    kind: distribution\n    url: https://r.example.com\n    webhook: { token: abc }\n${lines}`;

describe('configuration', () => {
  it.each([
    ['optional', false],
    ['required', true],
  ])('lets waivers need approval: %s', (approval, always) => {
    expect(load({ yaml: `waivers: { approval: ${approval} }` }).waivers).toEqual({ alwaysNeedsApproval: always });
  });

  it('has defaults for everything', () => {
    expect(load({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: null,
      dataDir: '/srv/.tagwarden',
      adminKey: null,
      secretKey: null,
      log: { level: 'info', pretty: false },
      settleMs: 60_000,
      database: { type: 'embedded', poolSize: 10 },
      bus: { type: 'embedded', partitions: 8 },
      registries: [],
      rules: [],
      alerts: [],
      enforcement: {
        readBacksMs: [100, 400, 1_000],
        breaker: { restores: 20, withinMs: 600_000 },
        concurrencyPerRegistry: 4,
        attempts: 5,
        proveGuardsEveryMs: 86_400_000,
      },
      incidents: { windowMs: 600_000 },
      waivers: { alwaysNeedsApproval: false },
      warnings: [],
    });
  });

  it("reads the design's example", () => {
    const { registries, rules, alerts } = load({ yaml: EXAMPLE, env: EXAMPLE_ENV });
    expect(registries[0]).toMatchObject({
      name: 'local',
      kind: 'distribution',
      url: 'http://127.0.0.1:5000',
      credentials: { type: 'basic', username: 'ci' },
      sweep: { everyMs: 300_000, repositories: [], requestsPerSecond: 50, concurrency: 4 },
      guard: { repository: 'tagwarden/guard', copyBytes: 0 },
      timeoutMs: 30_000,
    });
    expect(registries[0]?.webhook.token?.reveal()).toBe('hook-token');
    expect(rules[0]?.rule).toMatchObject({ name: 'releases', origin: 'file', mode: 'enforce' });
    expect(alerts.map(({ name, type, allowPrivate, on }) => [name, type, allowPrivate, on])).toEqual([
      ['ops', 'slack', false, ['detected', 'restored', 'failed']],
      ['siem', 'webhook', false, ['detected', 'restored', 'failed', ...SERVICE_CHANGES]],
      ['local', 'webhook', true, ['detected', 'restored', 'failed', ...SERVICE_CHANGES]],
    ]);
    expect(registries[0]?.canary).toBeNull();
    expect(alerts[0]?.url.reveal()).toBe(EXAMPLE_ENV.SLACK_URL);
  });

  it('gives a canary a rule of its own, before all others, and never says that these shadow it', () => {
    const lines = '    canary: { every: 2h }\nrules: [{ name: all, tags: { all: true } }]';
    const { registries, rules, warnings } = load({ yaml: registry(lines) });
    expect(registries[0]?.canary).toEqual({ everyMs: 7_200_000, repository: 'tagwarden/canary' });
    expect(rules.map(({ rule: { name, origin, mode } }) => [name, origin, mode])).toEqual([
      ['canary of local', 'file', 'enforce'],
      ['all', 'file', 'enforce'],
    ]);
    expect(rules[0]?.rule).toMatchObject({
      registries: { matching: ['local'] },
      repositories: { matching: ['tagwarden/canary'] },
      tags: { matching: ['canary'] },
    });
    expect(warnings).toEqual([]);
  });

  it('reads how a registry is swept', () => {
    const lines = '    sweep: { every: 30s, repositories: [team/app], requestsPerSecond: 5, concurrency: 2 }';
    expect(load({ yaml: registry(lines) }).registries[0]?.sweep).toEqual({
      everyMs: 30_000,
      repositories: ['team/app'],
      requestsPerSecond: 5,
      concurrency: 2,
    });
  });

  it('finds ./tagwarden.yaml, and takes none for none', () => {
    expect(load({ files: { '/srv/tagwarden.yaml': 'port: 9000' } }).port).toBe(9000);
    expect(load({ yaml: '' }).port).toBe(8080);
  });

  it('can be frozen, its rules still working', () => {
    const configuration = load({ yaml: EXAMPLE, env: EXAMPLE_ENV });
    expect(() => Object.assign(configuration.registries[0]?.sweep ?? {}, { everyMs: 1 })).toThrow(TypeError);
    const ref = { registry: 'local', repository: 'acme/app', tag: 'v1' } as never;
    expect(configuration.rules[0]?.covers(ref)).toBe(true);
  });

  it('never prints a secret', () => {
    const env = {
      ...EXAMPLE_ENV,
      DATABASE_URL: 'postgres://u:pg-pass@db/x',
      TAGWARDEN_ADMIN_KEY: 'admin-key-of-16-chars',
    };
    const configuration = load({ yaml: EXAMPLE, env });
    const printed = [
      JSON.stringify(configuration),
      inspect(configuration, { depth: 9, showHidden: true }),
      JSON.stringify(redactedConfiguration(configuration)),
    ].join('');
    for (const secret of [...Object.values(EXAMPLE_ENV), 'pg-pass', 'admin-key-of-16-chars']) {
      expect(printed).not.toContain(secret);
    }
    expect(redactedConfiguration(configuration)).toMatchObject({
      adminKey: '[redacted]',
      registries: [{ credentials: { username: 'ci', password: '[redacted]' } }],
      rules: [{ name: 'releases' }],
    });
  });

  it('reads every variable, over the file', () => {
    const pem = (name: string) => `-----BEGIN ${name}-----`;
    const { database, bus, ...server } = load({
      yaml: 'port: 1\nadminKeyEnv: UNSET\nkafka: { brokers: [other:1] }\ndatabase: { urlFile: gone }\n',
      files: {
        '/srv/ca.pem': pem('CA'),
        '/srv/k.crt': pem('CERT'),
        '/srv/k.key': pem('KEY'),
        '/run/sasl': 'sasl-pass\n',
      },
      env: {
        TAGWARDEN_HOST: '0.0.0.0',
        TAGWARDEN_PORT: '9090',
        TAGWARDEN_PUBLIC_URL: 'https://tagwarden.example.com/behind/',
        TAGWARDEN_DATA_DIR: 'data',
        TAGWARDEN_ADMIN_KEY: 'a'.repeat(16),
        TAGWARDEN_SECRET_KEY: 's'.repeat(64),
        TAGWARDEN_SETTLE: '2m',
        TAGWARDEN_LOG_LEVEL: 'debug',
        TAGWARDEN_LOG_PRETTY: 'true',
        DATABASE_URL: 'postgresql://app:p@db:5432/tagwarden?sslmode=verify-full',
        DATABASE_MIGRATION_URL: 'postgres://owner:p@db/tagwarden',
        DATABASE_CA_FILE: 'ca.pem',
        DATABASE_POOL_SIZE: '20',
        KAFKA_BROKERS: 'a:9092, b:9092',
        KAFKA_SSL: 'true',
        KAFKA_SSL_CA_FILE: 'ca.pem',
        KAFKA_SSL_CERT_FILE: 'k.crt',
        KAFKA_SSL_KEY_FILE: 'k.key',
        KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
        KAFKA_SASL_USERNAME: 'tagwarden',
        KAFKA_SASL_PASSWORD_FILE: '/run/sasl',
        KAFKA_PARTITIONS: '16',
        KAFKA_REPLICATION_FACTOR: '3',
      },
    });
    expect(server.publicUrl).toBe('https://tagwarden.example.com/behind');
    expect(server).toMatchObject({ host: '0.0.0.0', port: 9090, dataDir: '/srv/data', settleMs: 120_000 });
    expect(server.log).toEqual({ level: 'debug', pretty: true });
    expect(server.adminKey?.reveal()).toBe('a'.repeat(16));
    expect(database).toMatchObject({ type: 'postgresql', ca: pem('CA'), poolSize: 20 });
    expect(database.type === 'postgresql' && database.migrationUrl?.reveal()).toContain('owner');
    expect(bus).toMatchObject({
      brokers: ['a:9092', 'b:9092'],
      tls: { ca: pem('CA'), cert: pem('CERT') },
      sasl: { mechanism: 'scram-sha-512', username: 'tagwarden' },
      partitions: 16,
      replicationFactor: 3,
    });
    expect(bus.type === 'kafka' && [bus.sasl?.password.reveal(), bus.tls?.key?.reveal()]).toEqual([
      'sasl-pass',
      pem('KEY'),
    ]);
  });

  it('takes an empty variable for an unset one', () => {
    const env = Object.fromEntries(VARIABLES.map(({ name }) => [name, '']));
    expect(load({ env }).bus.type).toBe('embedded');
  });

  it('reads the files that it names beside itself', () => {
    const { registries } = load({
      yaml: registry('    username: ci\n    passwordFile: secrets/pw\n    tls: { caFile: ca.pem }\n'),
      files: { '/etc/tagwarden/secrets/pw': 'from-file\n', '/etc/tagwarden/ca.pem': 'PEM' },
    });
    expect(registries[0]?.credentials).toMatchObject({ type: 'basic', username: 'ci' });
    expect(registries[0]?.credentials?.type === 'basic' && registries[0].credentials.password.reveal()).toBe(
      'from-file',
    );
    expect(registries[0]?.tls.ca).toBe('PEM');
  });

  it("takes a kind's own keys, and no other kind's", () => {
    const yaml =
      'registries:\n  - { name: e, kind: ecr, url: https://e, webhook: { secret: x }, region: eu, accessKeyEnv: K }';
    const [ecr] = load({ yaml, env: { K: 'key' } }).registries;
    expect(ecr?.options).toEqual({ region: 'eu' });
    expect(ecr?.secretOptions.accessKey?.reveal()).toBe('key');
    expect(problemsOf({ yaml: registry('    region: eu\n') })).toEqual([
      'tagwarden.yaml:6: registries[0].region: There is no such key. Remove it, or correct its name.',
    ]);
  });

  it('warns of inert patterns with their line', () => {
    const { warnings } = load({
      yaml: 'rules:\n  - name: r\n    tags:\n      matching:\n        - v*\n        - "rc,test"\n',
    });
    expect(warnings).toEqual([
      {
        origin: '/etc/tagwarden/tagwarden.yaml:6',
        path: 'rules[0].tags.matching[1]',
        message: expect.stringContaining('"{rc,test}"'),
      },
    ]);
  });

  it('warns of rules that others shadow, of two alike the later, and once a chain', () => {
    const { rules, warnings } = load({
      yaml: `rules:
  - { name: narrow, repositories: { matching: ["acme/app/**"] }, tags: { matching: ["v1*"] } }
  - { name: wide, repositories: { matching: ["acme/**"] }, tags: { matching: ["v*"] } }
  - { name: again, repositories: { matching: ["acme/**"] }, tags: { matching: ["v*"] } }
  - { name: elsewhere, repositories: { matching: ["other/**"] }, tags: { matching: ["v*"] } }
`,
    });
    expect(rules).toHaveLength(4);
    expect(warnings).toEqual([
      {
        origin: '/etc/tagwarden/tagwarden.yaml:2',
        path: 'rules[0]',
        message: expect.stringContaining('Rule "wide" covers everything that this rule covers'),
      },
      {
        origin: '/etc/tagwarden/tagwarden.yaml:4',
        path: 'rules[2]',
        message: expect.stringContaining('Rule "wide" covers everything that this rule covers'),
      },
    ]);
  });
});

describe('configuration error', () => {
  it('lists every problem with its place', () => {
    const yaml = `prot: 8080
databaseUrl: postgres://x
registries:
  - name: Local
    kind: dockerhubb
    url: https://user:hunter2@r.example.com
  - &two
    name: two
    kind: harbor
    url: https://two.example.com
  - *two
rules:
  - name: r
    tags: { matching: ["v*", "{rc"] }
  - name: r
    tags: { regex: ["v("], anchoring: search }
alerts:
  - { name: a, type: slack, url: "http://[::1]/" }
`;
    expect(problemsOf({ yaml, env: { TAGWARDEN_PORT: 'eighty' } })).toEqual([
      'TAGWARDEN_PORT: port: It must be a number.',
      'tagwarden.yaml:1: prot: There is no such key. Remove it, or correct its name.',
      'tagwarden.yaml:2: databaseUrl: There is no such key. Write database.url instead.',
      'tagwarden.yaml:8: registries[2].name: registries[1] has this name already. Names are unique.',
      'tagwarden.yaml:5: registries[0].kind: There is no such kind. It must be one of distribution, harbor, ecr.',
      'tagwarden.yaml:4: registries[0].name: Registry name "Local" is malformed: expected 1 to 64 lower-case letters, digits, ".", "_" or "-".',
      'tagwarden.yaml:6: registries[0].url: It must hold no credentials. Use username and passwordEnv, which are kept out of logs.',
      'tagwarden.yaml:8: registries[1].webhook: Without a secret anybody could send notifications for this registry. Add "webhook: { tokenEnv: TWO_HOOK_TOKEN }" or "webhook: { secretEnv: TWO_HOOK_SECRET }" for kind harbor, and give the registry the same secret.',
      'tagwarden.yaml:11: registries[2].webhook: Without a secret anybody could send notifications for this registry. Add "webhook: { tokenEnv: TWO_HOOK_TOKEN }" or "webhook: { secretEnv: TWO_HOOK_SECRET }" for kind harbor, and give the registry the same secret.',
      'tagwarden.yaml:15: rules[1].name: rules[0] has this name already. Names are unique.',
      'tagwarden.yaml:14: rules[0].tags.matching[1]: "{rc", position 0: This "{" is never closed. Close it with "}", or write "\\{" for the character itself.',
      'tagwarden.yaml:16: rules[1].tags.regex[0]: "v(", position 1: This "(" is never closed. Close it with ")", or write "\\(" for the character itself.',
      'tagwarden.yaml:18: alerts[0].url: It leads to this machine or a private network, where alerts could be abused to reach internal services. If that is meant, add allowPrivate: true.',
    ]);
  });

  it('reads as a list of sentences', () => {
    expect(() => load({ env: { TAGWARDEN_ADMIN_KEY: 'short', KAFKA_SSL: 'true' } })).toThrow(
      [
        'The configuration has 2 problems:',
        '- TAGWARDEN_ADMIN_KEY: adminKey: It must have at least 16 characters, such as "openssl rand -base64 32" prints.',
        '- kafka.ssl: It has no effect without kafka.brokers (KAFKA_BROKERS). Set them.',
      ].join('\n'),
    );
  });

  it.each<[string, Given, string]>([
    [
      'a missing file',
      { env: { TAGWARDEN_CONFIG: 'gone.yaml' } },
      'TAGWARDEN_CONFIG: The file gone.yaml does not exist.',
    ],
    ['bad YAML', { yaml: 'a: 1\nb: [' }, 'tagwarden.yaml:2: This is not valid YAML:'],
    ['a key twice', { yaml: 'port: 1\nport: 2' }, 'tagwarden.yaml:2: This is not valid YAML: Map keys must be unique'],
    ['a list for the file', { yaml: '- a' }, 'tagwarden.yaml: It must be a mapping of keys'],
    ['a mapping for a list', { yaml: 'rules: { a: 1 }' }, 'tagwarden.yaml:1: rules: It must be a list'],
    [
      'a text for a section',
      { yaml: 'kafka: x', env: { KAFKA_SSL: '1' } },
      'tagwarden.yaml:1: kafka: It must be a mapping',
    ],
    ['a duration', { yaml: 'settle: 60' }, 'tagwarden.yaml:1: settle: It must be text'],
    ['a duration without unit', { yaml: 'settle: "60"' }, 'It must be a duration such as 500ms'],
    ['a waiver that needs nobody', { yaml: 'waivers: { approval: never }' }, 'It must be one of optional, required.'],
    ['an incident that never lapses', { yaml: 'incidents: { window: 2d }' }, 'It must be between 1s and 24h.'],
    ['a canary without rest', { yaml: registry('    canary: { every: 30s }') }, 'It must be between 1m and 7d.'],
    [
      'a canary that would be taken for a fight',
      { yaml: `${registry('    canary: { every: 1m }')}\nenforcement: { breaker: { restores: 12 } }` },
      'registries[0].canary.every: The canary of local would be restored 12 times within',
    ],
    [
      'a canary in the guard repository',
      { yaml: registry('    canary: { repository: tagwarden/guard }') },
      'registries[0].canary.repository: No tag of the guard repository is sealed.',
    ],
    ['an endless window', { yaml: 'enforcement: { breaker: { within: 30d } }' }, 'It must be between 10s and 7d.'],
    ['a port', { env: { TAGWARDEN_PORT: '70000' } }, 'TAGWARDEN_PORT: port: It must be at most 65535.'],
    ['a log level', { env: { TAGWARDEN_LOG_LEVEL: 'loud' } }, 'log.level: It must be one of trace, debug'],
    ['a boolean', { env: { TAGWARDEN_LOG_PRETTY: 'yes' } }, 'log.pretty: It must be true or false.'],
    ['a short secret key', { yaml: 'secretKey: short' }, 'tagwarden.yaml:1: secretKey: It must have at least 16'],
    [
      'another database',
      { env: { DATABASE_URL: 'mysql://x' } },
      'database.url: It must be a URL such as postgresql://',
    ],
    ['an sslmode', { env: { DATABASE_URL: 'postgres://x/y?sslmode=on' } }, 'database.url: Its sslmode must be one of'],
    [
      'a CA for nothing',
      { env: { DATABASE_CA_FILE: 'ca' }, files: { '/srv/ca': 'x' } },
      'has no effect without database.url',
    ],
    [
      'two ways to give one',
      { env: { DATABASE_URL: 'x', DATABASE_URL_FILE: 'y' } },
      'DATABASE_URL_FILE: database.urlFile: url gives',
    ],
    ['a broker', { env: { KAFKA_BROKERS: 'kafka' } }, 'kafka.brokers[0]: It must be host:port, such as kafka:9092.'],
    [
      'half a certificate',
      { yaml: 'kafka: { brokers: "a:1", ssl: { certFile: c } }', files: { '/etc/tagwarden/c': 'x' } },
      'needs both',
    ],
    [
      'no SASL password',
      { yaml: 'kafka: { brokers: "a:1", sasl: { mechanism: plain, username: u } }' },
      'kafka.sasl: It needs passwordEnv',
    ],
    [
      'no such kind',
      { yaml: registry('').replace('distribution', 'docker') },
      'registries[0].kind: There is no such kind. It must be one of distribution, harbor, ecr.',
    ],
    ['no kind', { yaml: registry('').replace(/.*kind.*\n/, '') }, 'registries[0].kind: This key is missing.'],
    ['no URL', { yaml: registry('').replace('https:', 'ftp:') }, 'registries[0].url: It must be an http or https URL'],
    ['a query', { yaml: registry('').replace('.com', '.com?x=1') }, 'registries[0].url: It must have no query'],
    [
      'a repository to sweep that has no name of one',
      { yaml: registry('    sweep: { repositories: [team//app] }') },
      'registries[0].sweep.repositories[0]: Repository "team//app" is malformed',
    ],
    [
      'a guard repository that has no name of one',
      { yaml: registry('    guardRepository: kept//away') },
      'registries[0].guardRepository: Repository "kept//away" is malformed',
    ],
    [
      'an unset variable',
      { yaml: registry('    username: u\n    passwordEnv: GONE') },
      'tagwarden.yaml:7: registries[0].passwordEnv: It names the environment variable GONE, which is not set.',
    ],
    ['an empty variable', { yaml: registry('    tokenEnv: E'), env: { E: '' } }, 'variable E, which is empty.'],
    [
      'a missing secret file',
      { yaml: registry('    tokenFile: gone') },
      'registries[0].tokenFile: The file gone cannot be read (ENOENT).',
    ],
    [
      'an empty secret file',
      { yaml: registry('    tokenFile: e'), files: { '/etc/tagwarden/e': '\n' } },
      'The file e is empty.',
    ],
    ['a password for nobody', { yaml: registry('    password: p') }, 'registries[0]: Its password needs a username'],
    ['a user without password', { yaml: registry('    username: u') }, 'registries[0].username: It needs passwordEnv'],
    [
      'a number for a password',
      { yaml: registry('    username: u\n    password: 1234') },
      'registries[0].password: It must be text; put it in quotes',
    ],
    [
      'no anchoring',
      { yaml: 'rules: [{ name: r, tags: { regex: [a] } }]' },
      'rules[0].tags: With regex it needs anchoring',
    ],
    [
      'two selectors',
      { yaml: 'rules: [{ name: r, tags: { regex: [a], all: true } }]' },
      'rules[0].tags: It needs exactly one',
    ],
    [
      'an unknown mode',
      { yaml: 'rules: [{ name: r, mode: warn, tags: { all: true } }]' },
      'rules[0].mode: It must be one of enforce, audit.',
    ],
    [
      'no protection',
      { yaml: 'rules: [{ name: r, protect: [], tags: { all: true } }]' },
      'rules[0].protect: The rule protects against nothing.',
    ],
    [
      'an alert type',
      { yaml: 'alerts: [{ name: a, type: pager }]' },
      'alerts[0].type: It must be one of slack, webhook.',
    ],
    ['an alert nowhere', { yaml: 'alerts: [{ name: a, type: slack }]' }, 'alerts[0]: It needs url, urlEnv or urlFile.'],
    [
      'an unsigned webhook',
      { yaml: 'alerts: [{ name: a, type: webhook, url: "https://x.org" }]' },
      'alerts[0]: It needs secretEnv',
    ],
    [
      'an unknown change',
      { yaml: 'alerts: [{ name: a, type: slack, url: "https://x.org", on: [broken] }]' },
      'alerts[0].on[0]: It must be one of detected',
    ],
  ])('tells of %s', (_, given, expected) => {
    const problems = problemsOf(given);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });

  it.each(['abc', 'whsec_', 'whsec_c2hvcnQ=', `whsec_${'A'.repeat(100)}`, `whsec_${'!'.repeat(40)}`])(
    'refuses the signing secret %s, and does not repeat it',
    (secret) => {
      const yaml = 'alerts: [{ name: a, type: webhook, url: "https://x.org", secretEnv: S }]';
      const problems = problemsOf({ yaml, env: { S: secret } });
      expect(problems).toEqual([expect.stringContaining('alerts[0].secretEnv: The secret must be whsec_ and then')]);
      if (secret.length > 10) expect(problems[0]).not.toContain(secret);
    },
  );

  it.each([
    'http://localhost/',
    'http://api.localhost./',
    'http://127.1/',
    'http://0x7f000001/',
    'http://10.0.0.1/',
    'http://172.16.3.4/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest',
    'http://0.0.0.0/',
    'http://100.64.0.1/',
    'http://[::1]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[::ffff:10.0.0.1]/',
  ])('refuses alerts to %s unless that is allowed', (url) => {
    const yaml = (more: string) => `alerts: [{ name: a, type: slack, urlEnv: U${more} }]`;
    expect(problemsOf({ yaml: yaml(''), env: { U: url } })).toEqual([expect.stringContaining('allowPrivate: true')]);
    expect(problemsOf({ yaml: yaml(', allowPrivate: true'), env: { U: url } })).toEqual([]);
  });
});
