/**
 * Which code may know which. The arrows of docs/architecture.md, as rules that can fail.
 * By hand: npx depcruise --config test/architecture/dependency-cruiser.mjs apps libs test
 */

/** Specs, the contract suites that specs run, and what both are built on. */
const TEST_CODE = [
  '\\.spec\\.ts$',
  '-contract\\.ts$',
  '\\.fixture\\.ts$',
  '/fixtures/',
  '/fake-[^/]+\\.ts$',
  '^libs/testing/',
  '^test/',
  '^scripts/',
];

/** Where an npm package is found, from wherever the project lies. */
const npm = (name) => `(^|/)node_modules/${name}/`;
const DOORS = '^libs/[^/]+/src/index\\.ts$';

/** A layer that may know only what is listed. */
const knowsOnly = (name, comment, layer, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^libs/${layer}/`, pathNot: TEST_CODE },
  to: { pathNot: [`^libs/${layer}/`, ...allowed] },
});

/** A vendor that stays in the folders which exist to deal with it. */
const atHome = (vendor, home) => ({
  name: `${vendor.replace(/\W+/g, '')}-at-home`,
  comment: `A vendor's name outside its own folder spreads its types and its faults; only ${home.join(', ')} know ${vendor}.`,
  severity: 'error',
  from: { pathNot: [...home, ...TEST_CODE] },
  to: { path: npm(vendor) },
});

const forbidden = [
  {
    name: 'everything-resolves',
    comment: 'An import that this check cannot follow is one that no rule here can judge.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-cycles',
    comment:
      'Two modules that need each other are one module in two files, and in ESM the one that loads first sees the other empty. ' +
      'A cycle that only types close is gone at run time and is let pass: TypeORM’s entities name each other so.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'libs-know-no-apps',
    comment: 'An app wires libraries together. A library that knew an app could be used in no other.',
    severity: 'error',
    from: { path: '^libs/' },
    to: { path: '^apps/' },
  },
  knowsOnly(
    'domain-stands-alone',
    'The domain decides, and is tested by calling it: no I/O, no framework. Hashes make ids (node:crypto) and RE2 keeps tag regexes linear (re2js).',
    'domain',
    ['^(node:)?crypto$', npm('re2js')],
  ),
  knowsOnly(
    'contracts-know-the-domain',
    'What goes over the wire is read by clients that have nothing of ours but this: console and CLI take it without the rest.',
    'contracts',
    [DOORS.replace('[^/]+', 'domain'), npm('zod')],
  ),
  knowsOnly(
    'application-knows-domain-and-contracts',
    'Use cases speak to the world through ports, so that they run on fakes and on any database, bus or registry. p-limit only bounds concurrency.',
    'application',
    [DOORS.replace('[^/]+', '(domain|contracts)'), npm('p-limit')],
  ),
  {
    name: 'adapters-know-no-sibling',
    comment:
      'Each adapter implements ports and can be replaced alone. The one exception: persistence migrates the embedded bus’s tables ' +
      '(messaging) with the record’s, because a consumer’s position commits in the same transaction as what it wrote.',
    severity: 'error',
    from: { path: '^libs/(registries|alerts|messaging)/', pathNot: TEST_CODE },
    to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/(application|contracts|domain)/'] },
  },
  {
    name: 'persistence-knows-messaging-alone',
    comment: 'See adapters-know-no-sibling: the embedded bus’s schema, and nothing else.',
    severity: 'error',
    from: { path: '^libs/persistence/', pathNot: TEST_CODE },
    to: { path: '^libs/', pathNot: '^libs/(persistence|messaging|application|contracts|domain)/' },
  },
  {
    name: 'platform-only-for-apps',
    comment: 'platform is where everything is put together; what it puts together must not reach back.',
    severity: 'error',
    from: { path: '^libs/', pathNot: ['^libs/platform/', ...TEST_CODE] },
    to: { path: '^libs/platform/' },
  },
  {
    name: 'testing-is-for-tests',
    comment: 'Fakes and provisioned servers must not be reachable from what runs in production.',
    severity: 'error',
    from: { pathNot: TEST_CODE },
    to: { path: ['^libs/testing/', '/fake-[^/]+\\.ts$'] },
  },
  {
    name: 'through-the-door',
    comment:
      'A library is what its src/index.ts shows. Behind that door it can be rearranged without anybody else noticing.',
    severity: 'error',
    from: { path: '^(libs/[^/]+|apps|test|scripts)/' },
    to: { path: '^libs/', pathNot: ['^$1/', DOORS] },
  },
  {
    name: 'by-the-name-on-the-door',
    comment:
      'Across libraries only `#name`, never a relative path: folders can move, and a reader sees at once that a border is crossed.',
    severity: 'error',
    from: { path: '^(libs/[^/]+|apps|test|scripts)/' },
    to: { path: '^libs/', pathNot: '^$1/', dependencyTypesNot: ['aliased-subpath-import'] },
  },
  {
    name: 'apps-do-not-meet',
    comment:
      'Apps run as processes of their own and meet on the bus and in the database. What two of them need belongs in a library.',
    severity: 'error',
    from: { path: '^apps/([^/]+)/', pathNot: ['^apps/standalone/', ...TEST_CODE] },
    to: { path: '^apps/', pathNot: '^apps/$1/' },
  },
  {
    name: 'standalone-takes-modules',
    comment: 'standalone is every app in one process: it takes each app’s module, and nothing from behind it.',
    severity: 'error',
    from: { path: '^apps/standalone/', pathNot: TEST_CODE },
    to: { path: '^apps/', pathNot: ['^apps/standalone/', '^apps/[^/]+/src/[^/]+\\.module\\.ts$'] },
  },
  {
    name: 'no-dev-dependencies',
    comment: 'The image has no devDependencies: such an import would fail in production only.',
    severity: 'error',
    from: { path: '^(libs|apps)/', pathNot: TEST_CODE },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
  },
  atHome('kafkajs', ['^libs/messaging/src/kafka/']),
  atHome('pg', ['^libs/messaging/src/embedded/', '^libs/persistence/']),
  atHome('typeorm', ['^libs/persistence/', '^libs/platform/', '^apps/']),
  atHome('undici', ['^libs/registries/', '^libs/alerts/']),
  atHome('@nestjs', ['^libs/platform/', '^apps/']),
  atHome('express', ['^libs/platform/', '^apps/']),
];

export default {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    // Type imports bind as well: a port that names a vendor's type cannot be implemented without it.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      // package.json's `imports`: `types` is the source, `default` what was built from it.
      conditionNames: ['types', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      mainFields: ['types', 'module', 'main'],
    },
  },
};
