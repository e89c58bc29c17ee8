/**
 * For Fastify's option `schemaController`: no route here has a schema, and the compilers that it loads for those cost a
 * quarter of the time and a tenth of the memory of a start.
 */
export const NO_SCHEMAS = {
  compilersFactory: { buildValidator: refuse, buildSerializer: refuse },
};

/** @throws Error always */
function refuse(): never {
  throw new Error('routes have no schemas here');
}
