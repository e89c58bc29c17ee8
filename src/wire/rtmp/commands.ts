import { decodeAmf0, type AmfObject, type AmfValue } from './amf0.ts';
import { MessageType, RtmpError, type RtmpMessage } from './messages.ts';

/** A command of a client, parsed. `streamId` is the message stream that it came on; `transactionId` 0 wants no answer. */
export type RtmpCommand = { streamId: number; transactionId: number } & (
  | ({ name: 'connect' } & ConnectArguments)
  | { name: 'createStream' | 'closeStream' | '_checkbw' }
  | { name: 'releaseStream' | 'FCPublish' | 'FCUnpublish' | 'getStreamLength'; stream: string }
  | { name: 'publish'; stream: string; type: string }
  | { name: 'play'; stream: string; start: number; duration: number; reset: boolean }
  | { name: 'pause'; paused: boolean; milliseconds: number }
  | { name: 'deleteStream'; deletedStreamId: number }
  | { name: '_result' | '_error' | 'onStatus'; values: AmfValue[] }
  | { name: 'unknown'; command: string }
);

/** What a client says of itself when it connects. All of it is its claim; nothing has been checked but the types. */
export interface ConnectArguments {
  /** As sent: it may carry a query or an instance part, see `splitName` and `parseTcUrl`. */
  app: string;
  /** Empty when the client sent none. */
  tcUrl: string;
  flashVer: string;
  /** 0 (AMF0) or 3. */
  objectEncoding: number;
  /** Enhanced RTMP: the codecs the client can handle; undefined from a plain RTMP client. */
  fourCcList: string[] | undefined;
  /** Enhanced RTMP v2: the client's capability flags. */
  capsEx: number | undefined;
}

/**
 * Parses a command message (type 20, or 17 with its AMF3 wrapper).
 * @throws RtmpError when the message is malformed or an argument that the command cannot do without is missing
 */
export function parseCommand(message: RtmpMessage): RtmpCommand {
  const [name, transaction, ...values] = decodeAmf0(amf0Body(message));
  if (typeof name !== 'string') throw new RtmpError('command without a name');
  const base = { streamId: message.streamId, transactionId: number(transaction, 0) };
  // values[0] is the command object: null everywhere but in connect.
  switch (name) {
    case 'connect':
      return { ...base, name, ...connectArguments(values[0]) };
    case 'createStream':
    case 'closeStream':
    case '_checkbw':
      return { ...base, name };
    case 'releaseStream':
    case 'FCPublish':
    case 'FCUnpublish':
    case 'getStreamLength':
      return { ...base, name, stream: text(values[1], '') };
    case 'publish':
      return { ...base, name, stream: streamName(values[1]), type: text(values[2], 'live') };
    case 'play':
      return { ...base, name, ...playArguments(values) };
    case 'pause':
      return { ...base, name, paused: values[1] === true, milliseconds: number(values[2], 0) };
    case 'deleteStream':
      return { ...base, name, deletedStreamId: number(values[1], 0) };
    case '_result':
    case '_error':
    case 'onStatus':
      return { ...base, name, values };
    default:
      return { ...base, name: 'unknown', command: name.slice(0, 64) };
  }
}

/**
 * The AMF0 body of a command or data message. Types 17 and 15 put a format byte 0 before it; an AMF0 body itself never
 * begins with a 0 byte, because that would be a number where a name stands.
 */
export function amf0Body(message: RtmpMessage): Buffer {
  const { type, payload } = message;
  const wrapped = type === MessageType.commandAmf3 || type === MessageType.dataAmf3;
  return wrapped && payload[0] === 0 ? payload.subarray(1) : payload;
}

function connectArguments(argument: AmfValue): ConnectArguments {
  if (!isObject(argument)) throw new RtmpError('connect without an object');
  const { app, tcUrl, flashVer, objectEncoding, fourCcList, capsEx } = argument;
  if (typeof app !== 'string') throw new RtmpError('connect without an app');
  return {
    app,
    tcUrl: text(tcUrl, ''),
    flashVer: text(flashVer, ''),
    objectEncoding: number(objectEncoding, 0),
    fourCcList: Array.isArray(fourCcList) ? fourCcList.filter((code) => typeof code === 'string') : undefined,
    capsEx: typeof capsEx === 'number' ? capsEx : undefined,
  };
}

function playArguments(values: AmfValue[]): {
  stream: string;
  start: number;
  duration: number;
  reset: boolean;
} {
  return {
    stream: streamName(values[1]),
    start: number(values[2], -2),
    duration: number(values[3], -1),
    reset: values[4] !== false && values[4] !== 0,
  };
}

function streamName(value: AmfValue): string {
  if (typeof value !== 'string' || value === '') throw new RtmpError('command without a stream name');
  return value;
}

function text(value: AmfValue, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function number(value: AmfValue, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** True for an AMF object, typed object or ECMA array. */
export function isObject(value: AmfValue): value is AmfObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
