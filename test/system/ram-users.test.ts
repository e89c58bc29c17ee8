import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApiServer } from '../support/api-server.ts';
import type { ApiServer } from '../support/api-server.ts';
import { ramSdk as sdk, rejectionOf, sdkClients } from '../support/vendor-sdks.ts';
import type { SdkClients } from '../support/vendor-sdks.ts';

let server: ApiServer;
let ram: SdkClients['ram'];
beforeAll(async () => {
  // The SDK signs with the time of the machine.
  server = await startApiServer({ startAt: Date.now() });
  const { accessKeyId, secret: accessKeySecret } = server.api;
  ({ ram } = sdkClients(server.url, { accessKeyId, accessKeySecret }));
});
afterAll(() => server[Symbol.asyncDispose]());

it('reads users, page by page, with the fields where the SDK looks for them', async () => {
  for (const userName of ['alice', 'bob', 'carol'])
    await ram.createUser(new sdk.CreateUserRequest({ userName, comments: `about ${userName}` }));
  const first = await ram.listUsers(new sdk.ListUsersRequest({ maxItems: 2 }));
  expect(first.body).toMatchObject({ isTruncated: true, users: { user: [{}, { userName: 'bob' }] } });
  const { marker } = first.body!;
  const second = await ram.listUsers(new sdk.ListUsersRequest({ maxItems: 2, marker: marker! }));
  expect(second.body?.isTruncated).toBe(false);
  expect(second.body?.users?.user).toMatchObject([{ userName: 'carol', comments: 'about carol' }]);
  const renamed = { userName: 'carol', newUserName: 'carl', newEmail: 'carl@example.com' };
  const updated = await ram.updateUser(new sdk.UpdateUserRequest(renamed));
  const got = await ram.getUser(new sdk.GetUserRequest({ userName: 'carl' }));
  expect(got.body?.user).toMatchObject({ userName: 'carl', email: 'carl@example.com' });
  expect(updated.body?.user).toEqual(got.body?.user);
  await ram.deleteUser(new sdk.DeleteUserRequest({ userName: 'carl' }));
  const gone = ram.getUser(new sdk.GetUserRequest({ userName: 'carl' }));
  expect(await rejectionOf(gone)).toMatchObject({ code: 'EntityNotExist.User' });
});

it('makes keys that sign, and disables and deletes them', async () => {
  const userName = 'dora';
  await ram.createUser(new sdk.CreateUserRequest({ userName }));
  const made = await ram.createAccessKey(new sdk.CreateAccessKeyRequest({ userName }));
  const { accessKeyId = '', accessKeySecret = '', status } = made.body?.accessKey ?? {};
  expect(status).toBe('Active');
  const dora = sdkClients(server.url, { accessKeyId, accessKeySecret }).ram;
  const refusal = () => rejectionOf(dora.listAccessKeys(new sdk.ListAccessKeysRequest({})));
  expect(await refusal()).toMatchObject({ code: 'NoPermission' });
  const own = { userName, userAccessKeyId: accessKeyId };
  await ram.updateAccessKey(new sdk.UpdateAccessKeyRequest({ ...own, status: 'Inactive' }));
  expect(await refusal()).toMatchObject({ code: 'InvalidAccessKeyId.Inactive' });
  const listed = await ram.listAccessKeys(new sdk.ListAccessKeysRequest({ userName }));
  expect(listed.body?.accessKeys?.accessKey).toMatchObject([{ accessKeyId, status: 'Inactive' }]);
  await ram.deleteAccessKey(new sdk.DeleteAccessKeyRequest(own));
  expect(await refusal()).toMatchObject({ code: 'InvalidAccessKeyId.NotFound' });
});

it('keeps groups and who is in them', async () => {
  const [groupName, userName] = ['Dev-Team', 'emil'];
  await ram.createUser(new sdk.CreateUserRequest({ userName, displayName: 'Emil' }));
  const made = await ram.createGroup(new sdk.CreateGroupRequest({ groupName, comments: 'developers' }));
  const { groupId } = made.body!.group!;
  expect(groupId).toMatch(/^g-/);
  const got = await ram.getGroup(new sdk.GetGroupRequest({ groupName }));
  expect(got.body?.group).toMatchObject({ groupId, groupName, comments: 'developers' });
  await ram.addUserToGroup(new sdk.AddUserToGroupRequest({ userName, groupName }));
  const joinDate = expect.stringMatching(/Z$/) as string;
  const ofUser = await ram.listGroupsForUser(new sdk.ListGroupsForUserRequest({ userName }));
  expect(ofUser.body?.groups?.group).toMatchObject([{ groupId, groupName, joinDate }]);
  const users = await ram.listUsersForGroup(new sdk.ListUsersForGroupRequest({ groupName }));
  expect(users.body?.users?.user).toMatchObject([{ userName, displayName: 'Emil', joinDate }]);
  const inUse = rejectionOf(ram.deleteGroup(new sdk.DeleteGroupRequest({ groupName })));
  expect(await inUse).toMatchObject({ code: 'DeleteConflict.Group.User' });
  await ram.removeUserFromGroup(new sdk.RemoveUserFromGroupRequest({ userName, groupName }));
  await ram.updateGroup(new sdk.UpdateGroupRequest({ groupName, newGroupName: 'Dev_Team.2' }));
  const all = await ram.listGroups(new sdk.ListGroupsRequest({}));
  expect(all.body?.groups?.group).toMatchObject([{ groupId, groupName: 'Dev_Team.2' }]);
  await ram.deleteGroup(new sdk.DeleteGroupRequest({ groupName: 'Dev_Team.2' }));
});
