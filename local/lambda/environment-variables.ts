import type { FunctionConfig } from './function-config.ts';

/**
 * The whole environment of one execution environment: what the real service sets, and what the function declares.
 * Nothing of the runner's own environment gets in. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 *
 * Credentials that the runner put into `config.environment` win over the ones made here. HOME is not a variable that
 * the real service documents; it is set because without it os.homedir() is the developer's, and the SDKs would
 * read their settings from `~/.aws` there. Nor does it set AWS_SDK_UA_APP_ID, which the SDKs write into each call: so a
 * simulated service knows which environment calls.
 */
export function environmentVariables(
  config: FunctionConfig,
  place: { region: string; id: string; startedAt: number },
): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: `LOCAL-${config.name}`,
    AWS_SECRET_ACCESS_KEY: `local-secret-of-${config.name}`,
    ...config.environment,
    _HANDLER: config.handler,
    AWS_DEFAULT_REGION: place.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName(place),
    AWS_REGION: place.region,
    AWS_SDK_UA_APP_ID: place.id,
    HOME: '/home/sbx_user1051',
    LAMBDA_TASK_ROOT: config.codeDir,
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TZ: 'UTC',
  };
}

function logStreamName({ id, startedAt }: { id: string; startedAt: number }): string {
  return `${new Date(startedAt).toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${id}`;
}
