import { describe, expect, it } from 'vitest';
import type { Api } from '../support/api-harness.ts';
import { newRoom, publish } from '../support/fake-peers.ts';
import type { Room } from '../support/fake-peers.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { eachInARoom } from '../support/rooms.ts';

const action = 'DescribeLiveStreamCount';
let api: Api;
let room: Room;
eachInARoom((made) => ({ api, room } = made));

const params = () => ({ DomainName: 'push.example.com' });

describe('parameters', () => {
  it('refuses a domain that is none', async () => {
    await expectCode(api.call(action, { DomainName: 'no domain!' }), 400, 'InvalidDomainName.Malformed');
  });
});

describe('permission', () => itAsksForPermission({ api: () => api, action, params }, 'domain'));

describe('limits', () => itIsLimitedTo(action, { calls: 1, perSeconds: 1 }));

describe('behaviour', () => {
  it('counts live streams by codec, on either side of the mapping', async () => {
    const video = (codec: string) => ({ video: { codec, flvCodecId: 7, width: null, height: null } });
    publish(api.core, room.key);
    publish(api.core, newRoom().key, video('hevc'));
    publish(api.core, newRoom().key, video('hevc'));
    publish(api.core, newRoom().key, { video: null });
    publish(api.core, newRoom().key, video('unknown'));
    publish(api.core, { ...newRoom().key, domain: 'other.example.com' });
    const { json } = await api.call(action, { DomainName: 'play.example.com' });
    expect(json['StreamCountInfos']).toEqual({
      StreamCountInfo: [
        {
          Type: 'raw',
          Count: 5,
          StreamCountDetails: {
            StreamCountDetail: [
              { Format: 'h264', Count: 1 },
              { Format: 'h265', Count: 2 },
            ],
          },
        },
        { Type: 'trans', Count: 0, StreamCountDetails: { StreamCountDetail: [] } },
      ],
    });
  });
});
