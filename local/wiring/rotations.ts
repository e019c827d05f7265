import type { Clock } from '../clock.ts';
import type { LambdaService } from '../lambda/lambda-service.ts';
import type { LocalLog } from '../log.ts';
import type { RotationEvent, SecretsService } from '../secrets/service.ts';
import type { Template } from '../template/template.ts';
import { functionName } from '../template/types/lambda.ts';
import { rotationSchedule } from '../template/types/secrets-manager.ts';
import { requirePermission } from './invoke-permissions.ts';

export interface RotationDeclaration {
  readonly secretArn: string;
  readonly functionName: string;
  readonly everyMs: number;
}

const DAY_MS = 24 * 60 * 60_000;

/** Far less than a day, and more than any timer of this machine minds. */
const LOOK_EVERY_MS = 60 * 60_000; // 1 h

export function rotationDeclarations(template: Template): RotationDeclaration[] {
  return template.of(rotationSchedule).map(({ path, properties }) => {
    const { SecretId: sourceArn, RotationLambdaARN, RotationRules } = properties;
    const name = functionName(RotationLambdaARN);
    requirePermission(template, {
      principal: 'secretsmanager.amazonaws.com',
      functionName: name,
      sourceArn,
      path,
    });
    return { secretArn: sourceArn, functionName: name, everyMs: RotationRules.AutomaticallyAfterDays * DAY_MS };
  });
}

export interface RotationOptions {
  readonly secrets: SecretsService;
  readonly lambda: Pick<LambdaService, 'invoke'>;
  readonly clock: Clock;
  readonly log: LocalLog;
}

/** Rejects where a step of it fails; the next one goes on with the same version. */
export async function rotateNow(
  { secretArn, functionName }: RotationDeclaration,
  { secrets, lambda }: Pick<RotationOptions, 'secrets' | 'lambda'>,
): Promise<void> {
  await secrets.rotate(secretArn, async (event: RotationEvent) => {
    const { functionError, payload } = await lambda.invoke(functionName, event);
    if (functionError) throw new Error(`${event.Step}: ${payload}`);
  });
}

/** Rotates each secret when its time has come, also where that was while nothing ran. */
export function startRotations(
  declarations: readonly RotationDeclaration[],
  options: RotationOptions,
): AsyncDisposable {
  const { secrets, clock, log } = options;
  const stop = new AbortController();
  const running = declarations.map(async (declaration) => {
    while (!stop.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, stop.signal);
      const due = secrets.rotatedAt(declaration.secretArn) + declaration.everyMs <= clock.now();
      if (stop.signal.aborted || !due) continue;
      await rotateNow(declaration, options).catch((error: unknown) =>
        log.warn('secrets', `The rotation of ${declaration.secretArn} failed and will be tried again: ${error}`),
      );
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(running);
    },
  };
}
