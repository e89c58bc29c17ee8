export { formatTimestamp, parseTimestamp } from '../../base/timestamp.ts';
