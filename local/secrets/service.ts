import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { listenOnLoopback } from '../http/loopback.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { CredentialStore } from '../iam/credentials.ts';
import { refusalMessage } from '../iam/refusal.ts';
import { accessKeyIdOf } from '../iam/signature-v4.ts';
import type { Resource } from '../template/resource-type.ts';
import type { SecretProperties } from '../template/types/secrets-manager.ts';
import { newSecret, Secret, storedSecret } from './secret.ts';
import { SecretsError } from './secrets-error.ts';

export interface SecretsOptions {
  readonly secrets: readonly Resource<SecretProperties>[];
  readonly credentials: CredentialStore;
  /** Default: whoever has a key may do everything. */
  readonly access?: AccessControl;
  /** Keeps the values. */
  readonly dataDir: string;
  readonly clock: Clock;
}

export interface SecretsService extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly rotatedAt: (arn: string) => number;
  /** Takes the secret through a whole rotation. @param step asks the function for one step; rejects where it fails. */
  rotate(arn: string, step: (event: RotationEvent) => Promise<void>): Promise<void>;
}

export interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

const request = z.object({
  SecretId: z.string(),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
  ClientRequestToken: z.string().optional(),
  SecretString: z.string().optional(),
  VersionStages: z.array(z.string()).optional(),
  MoveToVersionId: z.string().optional(),
  RemoveFromVersionId: z.string().optional(),
});

type Request = z.infer<typeof request>;

/** The part of Secrets Manager that the functions ask for, and what rotates. */
export async function startSecrets(options: SecretsOptions): Promise<SecretsService> {
  const { dataDir, clock } = options;
  const secrets = await openSecrets(options);
  const save = async ({ stored }: Secret): Promise<void> => {
    const path = fileOf(dataDir, stored.arn);
    // Whole or not at all, whenever the process ends.
    await writeFile(`${path}.new`, JSON.stringify(stored), { mode: 0o600 });
    await rename(`${path}.new`, path);
  };
  await Promise.all([...secrets.values()].map(save));
  const server = createServer((incoming, response) => {
    answer(incoming, options, secrets, save).then(
      (body) => response.writeHead(200, TYPE).end(JSON.stringify(body)),
      (error: unknown) => {
        const { code, message } =
          error instanceof SecretsError ? error : { code: 'InternalServiceError', message: String(error) };
        response.writeHead(code === 'InternalServiceError' ? 500 : 400, TYPE);
        response.end(JSON.stringify({ __type: code, message }));
      },
    );
  });
  const listening = await listenOnLoopback(server, 0);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    rotatedAt: (arn) => secrets.get(arn)!.stored.rotatedAt,
    async rotate(arn, step) {
      const secret = secrets.get(arn)!;
      const ClientRequestToken = secret.beginRotation();
      await save(secret);
      for (const Step of STEPS) await step({ Step, SecretId: arn, ClientRequestToken });
      secret.stored.rotatedAt = clock.now();
      await save(secret);
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

const TYPE = { 'content-type': 'application/x-amz-json-1.1' };

/** Each with the value of an earlier run where there is one. */
async function openSecrets({ secrets, dataDir, clock }: SecretsOptions): Promise<Map<string, Secret>> {
  await mkdir(dataDir, { recursive: true });
  const opened = secrets.map(async ({ ref, properties: { GenerateSecretString } }) => {
    const kept = await readFile(fileOf(dataDir, ref), 'utf8').catch(() => undefined);
    if (kept !== undefined) return new Secret(storedSecret.parse(JSON.parse(kept)));
    const { PasswordLength: length, ExcludePunctuation: excludePunctuation } = GenerateSecretString;
    return new Secret(newSecret(ref, { length, excludePunctuation }, clock.now()));
  });
  return new Map((await Promise.all(opened)).map((secret) => [secret.stored.arn, secret]));
}

function fileOf(dataDir: string, arn: string): string {
  return join(
    dataDir,
    `${arn
      .split(':')
      .at(-1)!
      .replaceAll(/[^\w-]/g, '_')}.json`,
  );
}

async function answer(
  incoming: IncomingMessage,
  { credentials, access }: SecretsOptions,
  secrets: ReadonlyMap<string, Secret>,
  save: (secret: Secret) => Promise<void>,
): Promise<object> {
  const [, operation = ''] = /^secretsmanager\.(\w+)$/.exec(String(incoming.headers['x-amz-target'])) ?? [];
  const parsed = request.safeParse(await json(incoming).catch(() => undefined));
  const principal = credentials.find(accessKeyIdOf(incoming.headers) ?? '');
  if (!principal) {
    throw new SecretsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  if (!parsed.success) throw new SecretsError('InvalidParameterException', z.prettifyError(parsed.error));
  const asked = parsed.data;
  const permission = { action: `secretsmanager:${operation}`, resource: asked.SecretId };
  const refusal = access?.refusalOf(principal, [permission]);
  if (refusal) throw new SecretsError('AccessDeniedException', refusalMessage(refusal));
  const secret = secrets.get(asked.SecretId);
  if (!secret) throw new SecretsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  const run = OPERATIONS[operation];
  if (!run) throw new SecretsError('UnknownOperationException', `The local Secrets Manager has no ${operation}.`);
  const result = run(secret, asked);
  if (CHANGING.has(operation)) await save(secret);
  return { ARN: asked.SecretId, ...result };
}

const CHANGING = new Set(['PutSecretValue', 'UpdateSecretVersionStage']);

const OPERATIONS: Readonly<Record<string, (secret: Secret, asked: Request) => object>> = {
  GetSecretValue(secret, { VersionId, VersionStage }) {
    const { versionId, value } = secret.get(VersionId, VersionStage);
    return { VersionId: versionId, SecretString: value, VersionStages: secret.stagesByVersion()[versionId] };
  },
  DescribeSecret(secret) {
    return { VersionIdsToStages: secret.stagesByVersion(), LastRotatedDate: secret.stored.rotatedAt / 1000 };
  },
  PutSecretValue(secret, { ClientRequestToken = randomUUID(), SecretString, VersionStages }) {
    if (SecretString === undefined) throw new SecretsError('InvalidParameterException', 'There is no SecretString.');
    secret.put(ClientRequestToken, SecretString, VersionStages);
    return { VersionId: ClientRequestToken };
  },
  UpdateSecretVersionStage(secret, { VersionStage, MoveToVersionId, RemoveFromVersionId }) {
    if (VersionStage === undefined) throw new SecretsError('InvalidParameterException', 'There is no VersionStage.');
    secret.moveStage(VersionStage, MoveToVersionId, RemoveFromVersionId);
    return {};
  },
};
