import { afterAll, describe, expect, it } from 'vitest';
import { synthesize } from './synthesized.ts';

const app = synthesize();
const original = synthesize({ socketAuth: 'channel' });
const listed = synthesize({ allowOrigins: 'https://Page.example.com, https://other.example.com' });
afterAll(() => {
  for (const each of [app, original, listed]) each[Symbol.dispose]();
});

const environmentOf = (from: typeof app, id: string) =>
  from.resource('AWS::Lambda::Function', `Functions${id}Function`).properties.Environment.Variables;

describe('the key of the tokens', () => {
  it('is made by Secrets Manager, so that it stands in no template', () => {
    const { properties } = app.resource('AWS::SecretsManager::Secret', 'SocketTokensSecret');
    expect(properties.GenerateSecretString).toEqual({ PasswordLength: 64, ExcludePunctuation: true });
    expect(properties.SecretString).toBeUndefined();
  });

  it('rotates after 30 days, by a function that Secrets Manager may call for this secret only', () => {
    const { properties } = app.resource('AWS::SecretsManager::RotationSchedule');
    expect(properties.RotationRules).toEqual({ AutomaticallyAfterDays: 30 });
    expect(app.render(properties.RotationLambdaARN)).toBe(`\${FunctionsrotatesocketkeyFunction.Arn}`);
    const [permission, ...more] = app
      .resources('AWS::Lambda::Permission')
      .filter(({ properties: { Principal } }) => Principal === 'secretsmanager.amazonaws.com');
    expect(more).toEqual([]);
    expect(app.render(permission!.properties.SourceArn)).toBe(`\${SocketTokensSecret}`);
  });

  it('is not rotated before Secrets Manager may call the function', () => {
    const { logicalId } = app.resource('AWS::SecretsManager::RotationSchedule');
    const permission = app
      .resources('AWS::Lambda::Permission')
      .find(({ properties: { Principal } }) => Principal === 'secretsmanager.amazonaws.com')!;
    expect(app.stacks.SourceUploadApi.Resources[logicalId].DependsOn).toContain(permission.logicalId);
  });

  it('is not there where no tokens are wanted, nor is anything that belongs to it', () => {
    expect(original.resources('AWS::SecretsManager::Secret')).toEqual([]);
    expect(original.resources('AWS::SecretsManager::RotationSchedule')).toEqual([]);
    const names = original.resources('AWS::Lambda::Function').map(({ properties }) => properties.FunctionName);
    expect(names).not.toContain('SourceUploadApi-rotate-socket-key');
    for (const id of ['wsaddress', 'connect']) {
      expect(environmentOf(original, id)).toMatchObject({ SOCKET_AUTH: 'channel' });
      expect(environmentOf(original, id)).not.toHaveProperty('SOCKET_KEY_SECRET');
    }
  });
});

describe('the list of origins', () => {
  const preflights = (from: typeof app) =>
    from
      .resources('AWS::ApiGateway::Method')
      .filter(({ properties }) => properties.HttpMethod === 'OPTIONS')
      .map(({ properties }) => properties.Integration.IntegrationResponses[0]);

  it('is told to all that answer pages, in lower case', () => {
    for (const id of ['wsaddress', 'uploadsource', 'sourcestatus', 'cancelsource', 'connect']) {
      const { ALLOW_ORIGINS } = environmentOf(listed, id);
      expect(ALLOW_ORIGINS).toBe('https://page.example.com,https://other.example.com');
      expect(environmentOf(app, id)).not.toHaveProperty('ALLOW_ORIGINS');
    }
  });

  it('is what preflights answer by; without one, any', () => {
    for (const { ResponseParameters } of preflights(app)) {
      expect(ResponseParameters['method.response.header.Access-Control-Allow-Origin']).toBe("'*'");
    }
    for (const { ResponseParameters, ResponseTemplates } of preflights(listed)) {
      expect(ResponseParameters['method.response.header.Access-Control-Allow-Origin']).toBe(
        "'https://page.example.com'",
      );
      expect(ResponseTemplates['application/json']).toContain('$origin == "https://other.example.com"');
    }
  });
});
