import { describe, expect, it } from 'vitest';
import type { Api } from '../support/api-harness.ts';
import { publish } from '../support/fake-peers.ts';
import type { Room } from '../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { eachInARoom } from '../support/rooms.ts';

const action = 'DescribeLiveStreamState';
let api: Api;
let room: Room;
eachInARoom((made) => ({ api, room } = made));

const params = () => room.names;
const state = (more: Record<string, string> = {}) => api.call(action, { ...params(), ...more });

describe('parameters', () => {
  it.each([
    ['DomainName', 'no domain!'],
    ['AppName', '*'],
    ['StreamName', 'a/b'],
  ])('refuses %s=%s', async (name, value) => {
    await expectCode(state({ [name]: value }), 400, `Invalid${name}.Malformed`);
  });
});

describe('permission', () => itAsksForPermission({ api: () => api, action, params }, 'domain'));

describe('limits', () => itIsLimitedTo(action, { calls: 100, perSeconds: 1 }));

describe('behaviour', () => {
  it('is offline, online, forbidden and offline again', async () => {
    const states: unknown[] = [];
    const look = async () => states.push((await state()).json['StreamState']);
    await look();
    publish(api.core, room.key);
    await look();
    await api.call('ForbidLiveStream', { ...room.names, LiveStreamType: 'publisher' });
    await look();
    await api.call('ResumeLiveStream', { ...room.names, LiveStreamType: 'publisher' });
    await look();
    expect(states).toEqual(['offline', 'online', 'forbidden', 'offline']);
  });

  it('answers for both sides of a mapping, with nothing but the declared fields', async () => {
    publish(api.core, room.key);
    const answer = await state({ DomainName: 'play.example.com' });
    const RequestId = answer.headers['x-acs-request-id'];
    expect(answer.json).toEqual({ RequestId, StreamState: 'online', Type: 'push' });
  });
});
