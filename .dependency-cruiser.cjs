/** The rooms of the house (ARCHITECTURE.md) and which room may import which. */
const rooms = {
  base: [],
  wire: ['base'],
  core: ['base'],
  operations: ['core', 'base'],
  gateway: ['wire', 'operations', 'core', 'base'],
  ingest: ['wire', 'core', 'base'],
  store: ['core', 'base'],
  cli: ['app', 'wire', 'operations', 'base'],
};

/** npm packages live in rooms too: a package may be imported only from the rooms named here. */
const packages = {
  kysely: ['store'],
  '@photostructure/sqlite': ['store'],
  fastify: ['app', 'gateway', 'ingest'],
  ws: ['ingest'],
  commander: ['cli'],
  yaml: ['app'],
  'prom-client': ['app'],
  pino: ['base'],
  'ipaddr\\.js': ['base'],
  zod: ['operations', 'gateway', 'app'],
};

const roomRules = Object.entries(rooms).map(([room, may]) => ({
  name: `room-${room}`,
  severity: 'error',
  comment: `${room} may import ${may.join(', ') || 'nobody'}`,
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...may].join('|')})/` },
}));

const packageRules = Object.entries(packages).map(([name, may]) => ({
  name: `package-${name.replace(/\W+/g, '-')}`,
  severity: 'error',
  comment: `${name} belongs to ${may.join(', ')}`,
  from: { path: '^src/', pathNot: `^src/(${may.join('|')})/` },
  to: { path: `node_modules/${name}/` },
}));

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'no-one-imports-app',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(app|cli)/|^src/main\\.ts$' },
      to: { path: '^src/app/' },
    },
    {
      name: 'no-children-outside-monitor',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'core and wire know no socket, file, thread or process',
      from: { path: '^src/(core|wire)/' },
      to: {
        path: '^(node:)?(net|tls|http|https|http2|fs|fs/promises|worker_threads|dgram|timers|timers/promises)$',
      },
    },
    {
      name: 'no-dev-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: '^node:sqlite$' },
    },
    ...roomRules,
    ...packageRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
