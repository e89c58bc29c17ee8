import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certificateFiles } from '../../src/app/certificate.ts';
import type { CertificateFiles } from '../../src/app/certificate.ts';
import { Certificates } from '../../src/app/certificates.ts';
import { loadConfig } from '../../src/app/config.ts';
import type { Certificate } from '../../src/base/tls.ts';
import { collectingLogger } from '../support/collecting-logger.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { LOCALHOST_FILES, makeCertificate, openssl } from '../support/tls.ts';
import { until } from '../support/wait.ts';

const DAY = 86_400_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let files: CertificateFiles;
beforeEach(async () => {
  folder = await temporaryFolder();
  files = { door: 'api', certificate: join(folder.path, 'cert.pem'), key: join(folder.path, 'key.pem') };
});
afterEach(() => folder[Symbol.asyncDispose]());

async function copyLocalhost(): Promise<void> {
  await copyFile(LOCALHOST_FILES.certificate, files.certificate);
  await copyFile(LOCALHOST_FILES.key, files.key);
  await chmod(files.key, 0o600);
}

function watch(clock = new ManualClock(Date.now())) {
  const { log, lines } = collectingLogger();
  const certificates = new Certificates({ clock, log });
  const renewed: Certificate[] = [];
  return {
    clock,
    certificates,
    renewed,
    open: async () => {
      const certificate = await certificates.open(files);
      certificates.onRenewal('api', (next) => renewed.push(next));
      return certificate;
    },
    messages: () => lines().map(({ msg }) => msg),
    lines,
  };
}

describe('the options of a certificate', () => {
  const read = (options: Record<string, string>) =>
    certificateFiles(loadConfig({ flags: options }).options, 'api');

  it('go together, and the one that is missing is named', () => {
    expect(read({})).toBeUndefined();
    expect(() => read({ 'api.certificate': 'a' })).toThrow(
      'options api.certificate and api.key go together: api.key is not set',
    );
    expect(() => read({ 'api.key': 'a' })).toThrow('api.certificate is not set');
    expect(read({ 'api.certificate': 'a', 'api.key': 'b' })).toEqual({
      door: 'api',
      certificate: 'a',
      key: 'b',
    });
  });
});

describe('a certificate that cannot be used at the start', () => {
  const problem = async (): Promise<string> => {
    const error: unknown = await watch()
      .open()
      .catch((thrown: unknown) => thrown);
    return error instanceof Error ? `${error.name}: ${error.message}` : 'it was taken';
  };

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'no certificate',
      () => rm(files.certificate),
      'option api.certificate: {cert} cannot be read: there is no such file',
    ],
    ['no key', () => rm(files.key), 'option api.key: {key} cannot be read: there is no such file'],
    [
      'a folder',
      () => rm(files.key).then(() => mkdir(files.key)),
      'option api.key: {key} cannot be read: it is a folder, not a file',
    ],
    [
      'an empty file',
      () => writeFile(files.certificate, ''),
      'option api.certificate: {cert} is not a certificate chain in PEM',
    ],
    [
      'the key twice',
      () => copyFile(files.key, files.certificate),
      'option api.certificate: {cert} is not a certificate chain in PEM',
    ],
    [
      'the certificate twice',
      () => copyFile(files.certificate, files.key),
      'option api.key: {key} is not a private key in PEM without a passphrase',
    ],
    [
      'a chain that breaks off',
      () =>
        readFile(files.certificate, 'utf8').then((pem) =>
          writeFile(files.certificate, `${pem}${pem.slice(0, 200)}`),
        ),
      'option api.certificate: {cert} is not a certificate chain in PEM',
    ],
    [
      'a large file',
      () => writeFile(files.key, Buffer.alloc(2_000_000)),
      'option api.key: {key} cannot be read: it is larger than 1048576 bytes',
    ],
  ])('%s: says which option, and why', async (_what, spoil, expected) => {
    await copyLocalhost();
    await spoil();
    const named = expected.replace('{cert}', files.certificate).replace('{key}', files.key);
    expect(await problem()).toContain(`StartError: ${named}`);
  });

  it('a device is not read', async () => {
    await copyLocalhost();
    files = { ...files, key: '/dev/zero' };
    expect(await problem()).toBe(
      'StartError: option api.key: /dev/zero cannot be read: it is not a regular file',
    );
  });

  openssl.it(
    'the key of another certificate, or one with a passphrase: says which option, and why',
    async () => {
      await makeCertificate(files, { name: 'other' });
      await copyFile(LOCALHOST_FILES.certificate, files.certificate);
      expect(await problem()).toBe(
        'StartError: option api.key: this key does not belong to the certificate of api.certificate',
      );
      const sealed = ['ec', '-in', LOCALHOST_FILES.key, '-out', files.key, '-aes256', '-passout', 'pass:x'];
      await promisify(execFile)(openssl.path, sealed);
      expect(await problem()).toContain('is not a private key in PEM without a passphrase');
    },
  );
});

describe('while the service runs', () => {
  openssl.it('a new certificate is found within a minute and given to the listener', async () => {
    await makeCertificate(files, { name: 'old' });
    const { certificates, clock, renewed, open, messages } = watch();
    await open();
    clock.advance(60_000);
    await makeCertificate(files, { name: 'new' });
    clock.advance(59_999);
    expect(renewed).toEqual([]);
    clock.advance(1);
    await until(() => renewed.length > 0, 'the new certificate');
    expect(renewed).toEqual([
      expect.objectContaining({ cert: await readFile(files.certificate), key: await readFile(files.key) }),
    ]);
    expect(certificates.facts()).toMatchObject([
      { option: 'api.certificate', subject: 'new', issuer: 'new' },
    ]);
    expect(messages()).toEqual(['certificate renewed']);
    await certificates.close();
    expect(clock.pending).toBe(0);
  });

  it('one that cannot be used changes nothing, and is told once, and again when it is asked for', async () => {
    await copyLocalhost();
    const { certificates, renewed, open, lines } = watch();
    await open();
    const before = certificates.facts();
    await writeFile(files.certificate, 'half a certif');
    const problems = () => lines().filter(({ level }) => level === 50);
    await certificates.reload();
    expect(problems()).toMatchObject([
      {
        option: 'api.certificate',
        subject: 'localhost',
        problem: expect.stringContaining(files.certificate) as string,
      },
    ]);
    expect(problems()[0]?.['msg']).toMatch(/the old one stays in force$/);
    expect([renewed, certificates.facts()]).toEqual([[], before]);
    await certificates.reload();
    expect(problems()).toHaveLength(2);
    await copyLocalhost();
    await certificates.reload();
    expect([renewed, problems().length]).toEqual([[], 2]);
    await certificates.close();
  });

  it('a problem that stays is not told at every look', async () => {
    await copyLocalhost();
    const { certificates, clock, open, messages } = watch();
    await open();
    await rm(files.key);
    clock.advance(60_000);
    await until(() => messages().length > 0, 'the line');
    for (let looks = 0; looks < 3; looks++) {
      clock.advance(60_000);
      for (let reads = 0; reads < 10; reads++) await readFile(files.certificate);
    }
    // Another problem is told.
    await mkdir(files.key);
    clock.advance(60_000);
    await until(() => messages().length > 1, 'the second line');
    await certificates.close();
    expect(messages()).toHaveLength(2);
  });

  it('looks that overlap go one after the other', async () => {
    await copyLocalhost();
    const { certificates, open, messages } = watch();
    await open();
    await Promise.all([certificates.reload(), certificates.reload(), certificates.reload()]);
    expect(messages()).toEqual([]);
    await certificates.close();
  });

  openssl.it('warns of the end from 14 days before it, at the start and once a day', async () => {
    await makeCertificate(files, { name: 'soon', days: 15 });
    const { certificates, clock, open, lines, messages } = watch();
    await open();
    expect(messages()).toEqual([]);
    for (let day = 0; day < 16; day++) clock.advance(DAY);
    expect(messages()).toHaveLength(16);
    expect(messages()[0]).toMatch(/^the certificate expires in 13 days$/);
    expect(messages().at(-1)).toBe('the certificate has expired');
    expect(lines()[0]).toMatchObject({ level: 40, option: 'api.certificate', subject: 'soon' });
    await certificates.close();
    const again = watch(clock);
    await again.open();
    expect(again.messages()).toEqual(['the certificate has expired']);
    await again.certificates.close();
  });

  it('warns of a key that other users may read', async () => {
    await copyLocalhost();
    await chmod(files.key, 0o640);
    const { certificates, open, messages } = watch();
    await open();
    expect(messages()).toEqual([
      `${files.key} holds secrets and is open to other users (mode 640): chmod 600 it`,
    ]);
    await certificates.close();
  });
});
