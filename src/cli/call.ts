import { systemClock } from '../base/clock.ts';
import { systemIds } from '../base/ids.ts';
import { callApi } from './api-client.ts';
import type { ApiAnswer } from './api-client.ts';
import { parseCallArguments, requireKnownParameters } from './call-arguments.ts';
import { operationHelp, operationList, similarOperation } from './call-help.ts';
import { callerKey } from './caller-key.ts';
import type { CommandHost } from './host.ts';
import { UsageError } from './io.ts';
import type { CliIo, ExitCode } from './io.ts';

const DEFAULT_ENDPOINT = 'http://127.0.0.1:8080';

interface CallOptions {
  readonly endpoint?: string;
  readonly keyFile?: string;
}

/** `sluice call`. Its help is made here: after an action it is about that action. */
export function addCall({ program, io, run }: CommandHost): void {
  const command = program
    .command('call')
    .description('Make one signed API call (V3) and print its answer as JSON.')
    .argument('[action]', 'operation, such as ForbidLiveStream')
    .argument('[parameters...]', 'parameters of the operation, as --Name value')
    .option('--endpoint <url>', `where the API is (SLUICE_ENDPOINT; default ${DEFAULT_ENDPOINT})`)
    .option(
      '--key-file <file>',
      'JSON file with accessKeyId and accessKeySecret (default data/root-key.json)',
    )
    .allowUnknownOption()
    .helpOption(false)
    .addHelpText(
      'after',
      `
  -h, --help         this help; after an action: its parameters

The key is taken from --key-file, else from SLUICE_ACCESS_KEY_ID and SLUICE_ACCESS_KEY_SECRET (with SLUICE_SECURITY_TOKEN
for a session), else from root-key.json in the data folder (SLUICE_DATA, default ./data). Exit code: 0 success, 1 the API answered with an error or not at all
(the error goes to stderr), 2 wrong usage.

Examples:
  $ sluice call ForbidLiveStream --DomainName live.local --AppName live --StreamName cam1 --LiveStreamType publisher
  $ sluice call DescribeLiveStreamBlocks --DomainName live.local --endpoint https://live.example.com
  $ sluice call ForbidLiveStream --help

${operationList()}`,
    );
  command.action(
    run(async (action: string | undefined, parameters: string[], options: CallOptions) => {
      if (action === undefined) throw new UsageError('call needs an action: see sluice call --help');
      if (!action.startsWith('-')) return call({ action, argv: parameters, options }, io);
      if (action !== '--help' && action !== '-h') throw new UsageError(`unknown option ${action}`);
      command.outputHelp();
      return 0;
    }),
  );
}

interface Call {
  readonly action: string;
  readonly argv: readonly string[];
  readonly options: CallOptions;
}

async function call({ action, argv, options }: Call, io: CliIo): Promise<ExitCode> {
  const given = parseCallArguments(argv);
  if (given.help) {
    const text = operationHelp(action);
    if (text === undefined) throw new UsageError(`there is no operation ${action}${suggestion(action)}`);
    io.out(text);
    return 0;
  }
  requireKnownParameters(action, given);
  const endpoint = endpointOf(options.endpoint ?? io.env['SLUICE_ENDPOINT'] ?? DEFAULT_ENDPOINT);
  const key = await callerKey({ env: io.env, keyFile: options.keyFile });
  const client = { endpoint, key, clock: systemClock, ids: systemIds };
  const answer = await callApi(client, action, given.parameters);
  return show(answer, action, io);
}

function show({ status, body }: ApiAnswer, action: string, io: CliIo): ExitCode {
  const text = `${JSON.stringify(body, null, 2)}\n`;
  if (status >= 200 && status < 300) {
    io.out(text);
    return 0;
  }
  io.err(text);
  if (body['Code'] === 'InvalidAction.NotFound')
    io.err(`sluice: there is no operation ${action}${suggestion(action)}\n`);
  return 1;
}

function suggestion(action: string): string {
  const meant = similarOperation(action);
  return meant === undefined ? '; sluice call --help lists them' : `, did you mean ${meant}?`;
}

function endpointOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.username !== '')
    throw new UsageError(`the endpoint must be of the form http://127.0.0.1:8080, not ${text}`);
  return url.origin;
}
