import { encodeAmf0, type AmfObject, type AmfValue } from './amf0.ts';
import type { ConnectArguments } from './commands.ts';
import { MessageType, type RtmpMessage } from './messages.ts';

/** Commands travel on this chunk stream. */
const COMMAND_CHUNK_STREAM = 3;

/** The codecs of enhanced RTMP that we relay and understand, by their FourCC. */
export const SUPPORTED_FOUR_CCS: readonly string[] = [
  'avc1',
  'hvc1',
  'av01',
  'vp09',
  'vp08',
  'mp4a',
  'Opus',
  '.mp3',
  'fLaC',
  'ac-3',
  'ec-3',
];

/** Enhanced RTMP v2 capability flags that need nothing but relaying: ModEx and nanosecond timestamps. */
const CAPS_EX = 4 | 8;

/** Level, code and text of a status, as `NetStream.Publish.Start` and its like. */
export interface Status {
  level: 'status' | 'warning' | 'error';
  code: string;
  description: string;
}

/** A command message; `values` follow the transaction id. Used for what has no builder of its own. */
export function command(
  name: string,
  options: { transactionId?: number; streamId?: number; values?: readonly AmfValue[] } = {},
): RtmpMessage {
  const { transactionId = 0, streamId = 0, values = [null] } = options;
  const payload = encodeAmf0(name, transactionId, ...values);
  return {
    type: MessageType.commandAmf0,
    streamId,
    chunkStreamId: COMMAND_CHUNK_STREAM,
    timestamp: 0,
    payload,
  };
}

/**
 * Accepts a connection. To a client of enhanced RTMP it names those of its codecs that we support (`*` stands for all)
 * and the capability flags that we share.
 */
export function connectResult(
  connect: Pick<ConnectArguments, 'objectEncoding' | 'fourCcList' | 'capsEx'> & { transactionId: number },
): RtmpMessage {
  const { transactionId, objectEncoding, fourCcList, capsEx } = connect;
  const information: AmfObject = {
    level: 'status',
    code: 'NetConnection.Connect.Success',
    description: 'Connection succeeded.',
    objectEncoding: objectEncoding === 3 ? 3 : 0,
  };
  if (fourCcList !== undefined) information['fourCcList'] = sharedFourCcs(fourCcList);
  if (capsEx !== undefined) information['capsEx'] = capsEx & CAPS_EX;
  const properties = { fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1 };
  return command('_result', { transactionId, values: [properties, information] });
}

function sharedFourCcs(theirs: readonly string[]): string[] {
  return theirs.includes('*')
    ? [...SUPPORTED_FOUR_CCS]
    : SUPPORTED_FOUR_CCS.filter((code) => theirs.includes(code));
}

/** Tells the client the id of its new message stream. */
export function createStreamResult(transactionId: number, streamId: number): RtmpMessage {
  return command('_result', { transactionId, values: [null, streamId] });
}

/** Answers a call that needs an answer but has no result, e.g. `releaseStream`; `value` e.g. for `getStreamLength`. */
export function emptyResult(transactionId: number, value?: AmfValue): RtmpMessage {
  return command('_result', { transactionId, values: [null, value] });
}

/** The state of a message stream: publishing or playing began, ended or was refused. */
export function onStatus(streamId: number, status: Status): RtmpMessage {
  return command('onStatus', { streamId, values: [null, { ...status }] });
}

/** Answers `FCPublish`. */
export function onFCPublish(stream: string): RtmpMessage {
  return command('onFCPublish', { values: [null, publishStatus('NetStream.Publish.Start', stream)] });
}

/** Answers `FCUnpublish`. */
export function onFCUnpublish(stream: string): RtmpMessage {
  return command('onFCUnpublish', { values: [null, publishStatus('NetStream.Unpublish.Success', stream)] });
}

/** Ends a bandwidth check; some players wait for it after connecting. */
export function onBWDone(): RtmpMessage {
  return command('onBWDone');
}

/** What players are sent before the first frame: the samples may be accessed. */
export function sampleAccess(streamId: number): RtmpMessage {
  const payload = encodeAmf0('|RtmpSampleAccess', true, true);
  return {
    type: MessageType.dataAmf0,
    streamId,
    chunkStreamId: COMMAND_CHUNK_STREAM + 2,
    timestamp: 0,
    payload,
  };
}

function publishStatus(code: string, stream: string): AmfObject {
  return { code, description: stream };
}
