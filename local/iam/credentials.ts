import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Who a request is signed by. */
export interface Principal extends Credentials {
  /** A function's name, or `root`: the runtime itself, and the tests. */
  readonly name: string;
}

export interface CredentialStore {
  readonly root: Credentials;
  /** The same function gets the same pair at each start, so that a link which it signed outlives a restart. */
  issue(name: string): Credentials;
  find(accessKeyId: string): Principal | undefined;
}

export const ROOT = 'root';

/** @param stateDir keeps the secret that all pairs are derived from; without it they are good for this run only. */
export async function openCredentialStore(stateDir?: string): Promise<CredentialStore> {
  const secret = stateDir === undefined ? randomBytes(32) : await persistentSecret(stateDir);
  const principals = new Map<string, Principal>();
  const issue = (name: string): Credentials => {
    const accessKeyId = `ASIA${digest(secret, `id of ${name}`).slice(0, 16).toUpperCase()}`;
    const credentials = { accessKeyId, secretAccessKey: digest(secret, `secret of ${name}`).slice(0, 40) };
    principals.set(accessKeyId, { ...credentials, name });
    return credentials;
  };
  return { root: issue(ROOT), issue, find: (accessKeyId) => principals.get(accessKeyId) };
}

async function persistentSecret(stateDir: string): Promise<Buffer> {
  const path = join(stateDir, 'credentials.key');
  await mkdir(stateDir, { recursive: true });
  try {
    await writeFile(path, randomBytes(32), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return await readFile(path);
}

function digest(secret: Buffer, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}
