/** A text of JSON, with the colon that makes it a name; or where an object begins or ends. */
const TOKENS = /"((?:[^"\\]|\\.)*)"(\s*:)?|[{}]/gs;

/**
 * The first name that an object has twice, however it is escaped; undefined when none has. JSON.parse keeps the last one
 * without a word, and others keep the first: what a text means must not depend on who reads it.
 * @param json valid JSON; the cost is linear in its length
 */
export function repeatedMember(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, written = '', colon] of json.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const name = String(JSON.parse(`"${written}"`));
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return undefined;
}
