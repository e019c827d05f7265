import { API_KEY_HELP, type ApiKeyArguments, parseApiKeyArguments } from './api-key/arguments.ts';
import { runCommand } from './command.ts';
import type { Service } from './service/service.ts';
import { targetOptions } from './service/target.ts';
import { textTable } from './table.ts';

type Given = Exclude<ApiKeyArguments, { readonly command: 'help' }>;
type Keys = typeof import('./api-key/keys.ts');

async function main(): Promise<void> {
  const given = parseApiKeyArguments(process.argv.slice(2));
  if (given.command === 'help') return console.log(API_KEY_HELP);
  // Loaded late: a wrong option is said at once.
  const [{ withService }, keys] = await Promise.all([import('./service/find-service.ts'), import('./api-key/keys.ts')]);
  await withService(given.target, (service) => run(given, service, keys));
}

async function run(given: Given, service: Service, keys: Keys): Promise<void> {
  switch (given.command) {
    case 'create': {
      const { key, id } = await keys.createKey(service, { user: given.user, name: given.name, now: new Date() });
      // Apart from the rest: `KEY=$(npm run --silent api-key -- create --user 1)` is the key and nothing else.
      console.error(`A key of user ${given.user} for ${service.name}, shown this once:\n`);
      console.log(key);
      return console.error(`\nTo take it back: npm run api-key -- revoke ${id}${targetOptions(given.target)}`);
    }
    case 'list': {
      const all = await keys.listKeys(service, given.user);
      if (all.length === 0)
        return console.log(`${service.name} has no key${given.user ? ` of user ${given.user}` : ''}.`);
      const rows = all.map(({ id, user, name = '', createdAt = 'unknown' }) => [id, user, createdAt, name]);
      return console.log(textTable([['id', 'user', 'created', 'name'], ...rows]));
    }
    case 'revoke': {
      const { id, user } = await keys.revokeKey(service, given.id);
      return console.log(`The key ${id} of user ${user} is revoked in ${service.name}.`);
    }
  }
}

await runCommand('api-key', main);
