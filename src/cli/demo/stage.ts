import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../app/config.ts';
import { ROOT_KEY_FILE } from '../../app/root-key.ts';
import { startService } from '../../app/service.ts';
import type { Service } from '../../app/service.ts';
import type { Clock } from '../../base/clock.ts';
import { systemClock } from '../../base/clock.ts';
import { systemIds } from '../../base/ids.ts';
import { silentLogger } from '../../base/logger.ts';
import type { FlvTag } from '../../wire/flv/tag.ts';
import type { ApiClient } from '../api-client.ts';
import { readFlv } from '../flv-loop.ts';
import { DemoFailure } from './narrator.ts';

/** The sample that the demo publishes. */
export const SAMPLE = new URL('../../../assets/sample.flv', import.meta.url);

const APP = 'live';
const STREAM = 'demo';
const HOST = '127.0.0.1';

/** Everything that the demo plays with. */
export interface Stage extends AsyncDisposable {
  readonly clock: Clock;
  readonly service: Service;
  readonly api: ApiClient;
  readonly rtmp: {
    readonly host: string;
    readonly port: number;
    readonly app: string;
    readonly stream: string;
  };
  readonly rtmpUrl: string;
  readonly flvUrl: string;
  /** What the API calls the stream. */
  readonly names: { readonly DomainName: string; readonly AppName: string; readonly StreamName: string };
  /** The sample to publish. */
  readonly tags: readonly FlvTag[];
  /** Temporary; removed at the end. */
  readonly directory: string;
  readonly keyFile: string;
}

/** A service of its own on free ports, with a store in a temporary folder, and the sample to publish. */
export async function openStage(): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-demo-'));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    // Without the environment: the demo is the same everywhere.
    const flags = {
      data: directory,
      'api.host': HOST,
      'api.port': '0',
      'rtmp.port': '0',
      'internal.port': '0',
    };
    const service = await startService(loadConfig({ flags }), { log: silentLogger });
    const close = async (): Promise<void> => {
      await service.close();
      await remove();
    };
    return { ...(await placesOf(service, directory)), [Symbol.asyncDispose]: close };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function placesOf(
  service: Service,
  directory: string,
): Promise<Omit<Stage, typeof Symbol.asyncDispose>> {
  const { httpPort, rtmpPort, rootKey } = service;
  if (!rootKey) throw new DemoFailure('the service made no root key');
  const clock = systemClock;
  const endpoint = `http://${HOST}:${httpPort}`;
  return {
    clock,
    service,
    api: { endpoint, key: rootKey, clock, ids: systemIds },
    rtmp: { host: HOST, port: rtmpPort, app: APP, stream: STREAM },
    rtmpUrl: `rtmp://${HOST}:${rtmpPort}/${APP}/${STREAM}`,
    flvUrl: `${endpoint}/${APP}/${STREAM}.flv`,
    names: { DomainName: 'live.local', AppName: APP, StreamName: STREAM },
    tags: readFlv(await readFile(SAMPLE)),
    directory,
    keyFile: join(directory, ROOT_KEY_FILE),
  };
}
