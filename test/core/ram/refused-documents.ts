import { allow, documentText } from './case-kinds.ts';

/** What neither parser takes, whatever the statements are, and what it says. */
export const WHOLE: readonly [text: string, problem: string][] = [
  ['', 'The document is not valid JSON'],
  ['{', 'The document is not valid JSON'],
  ["{'Version':'1'}", 'The document is not valid JSON'],
  [`${documentText([allow()])} x`, 'The document is not valid JSON'],
  ...[
    '{"Version":"0","Version":"1","Statement":[]}',
    '{"Version":"0","Vers\\u0069on" :"1","Statement":[]}',
  ].map((text): [string, string] => [text, 'The document has an object with two elements "Version"']),
  ...['{"a":{},"a":{}}', '{"b":[{"a":[]}],"c":{"d":{"x":"}\\"{"},"a":1,"a"\n:2}}'].map(
    (text): [string, string] => [text, 'The document has an object with two elements "a"'],
  ),
  [
    documentText([allow({ Condition: { Bool: { 'a:b': 'true' } } })]).replace(/}]}$/, ',"Condition":{}}]}'),
    'The document has an object with two elements "Condition"',
  ],
  [
    '{"Version":"1","Statement":[{"__proto__":1,"__proto__":2}]}',
    'The document has an object with two elements "__proto__"',
  ],
  ['null', 'The document must be an object'],
  ['[]', 'The document must be an object'],
  ['"1"', 'The document must be an object'],
  ['{}', 'Version must be "1"'],
  ['{"Version":1,"Statement":[]}', 'Version must be "1"'],
  ['{"Version":"2012-10-17","Statement":[]}', 'Version must be "1"'],
  ['{"Version":"1"}', 'Statement must be a list of statements'],
  [JSON.stringify({ Version: '1', Statement: allow() }), 'Statement must be a list of statements'],
  ['{"Version":"1","Statement":[]}', 'Statement must not be an empty list'],
  ['{"Version":"1","Statement":[],"Id":"x"}', 'The document has the unknown element "Id"'],
  ['{"Version":"1","Statement":[],"version":"1"}', 'The document has the unknown element "version"'],
  ['{"Version":"1","Statement":[],"__proto__":{}}', 'The document has the unknown element "__proto__"'],
  ['{"__proto__":{"Version":"1","Statement":[]}}', 'The document has the unknown element "__proto__"'],
];
