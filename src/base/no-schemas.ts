/** For Fastify's option `schemaController`: no route here has a schema, and the compilers that it loads for those take 9 MB. */
export const NO_SCHEMAS = {
  compilersFactory: { buildValidator: refuse, buildSerializer: refuse },
};

/** @throws Error always */
function refuse(): never {
  throw new Error('routes have no schemas here');
}
