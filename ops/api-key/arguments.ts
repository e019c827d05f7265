import { asksForHelp, parseOptions, UsageError } from '../command.ts';
import { TARGET_HELP, TARGET_OPTIONS, type Target, targetOf } from '../service/target.ts';

export type ApiKeyArguments =
  | { readonly command: 'help' }
  | { readonly command: 'create'; readonly target: Target; readonly user: string; readonly name?: string | undefined }
  | { readonly command: 'list'; readonly target: Target; readonly user?: string | undefined }
  | { readonly command: 'revoke'; readonly target: Target; readonly id: string };

export const API_KEY_HELP = `npm run api-key -- <command> [options]

  create --user <id>   makes a key for a user and shows it, once: only its hash is kept
    --name <text>      what the key is for, to tell it from others in the list
  list                 all keys: id, user, name and when each was made; never the keys themselves
    --user <id>        of this user only
  revoke <id>          the key with this id, or with the only id that begins so, opens nothing from now on

${TARGET_HELP}
  --help               this text
`;

/** What a user id may be: it becomes a part of the keys in the bucket. */
export const USER_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** A label for people: what does not fit into a line of the list helps nobody. */
const NAME = /^[^\p{Cc}]{1,64}$/u;

/** Shorter ones are more likely a slip than a choice. */
const KEY_ID = /^[0-9a-f]{4,64}$/;

/** @throws UsageError */
export function parseApiKeyArguments(args: readonly string[]): ApiKeyArguments {
  const [command, ...rest] = args;
  if (command === undefined) throw new UsageError('Say what to do: create, list or revoke.');
  if (asksForHelp(args)) return { command: 'help' };
  switch (command) {
    case 'create': {
      const { values } = parseOptions(rest, { ...TARGET_OPTIONS, user: { type: 'string' }, name: { type: 'string' } });
      if (values.user === undefined) throw new UsageError('--user is missing: say whose key it is to be.');
      return { command, target: targetOf(values), user: userOf(values.user), name: nameOf(values.name) };
    }
    case 'list': {
      const { values } = parseOptions(rest, { ...TARGET_OPTIONS, user: { type: 'string' } });
      return { command, target: targetOf(values), user: values.user === undefined ? undefined : userOf(values.user) };
    }
    case 'revoke': {
      const { values, positionals } = parseOptions(rest, TARGET_OPTIONS, 1);
      return { command, target: targetOf(values), id: idOf(positionals[0]) };
    }
    default:
      throw new UsageError(`"${command}" is none of create, list and revoke.`);
  }
}

function userOf(text: string): string {
  if (USER_ID.test(text)) return text;
  throw new UsageError(
    `--user has to be letters, digits, "_", "." and "-", 128 at the most, beginning with a letter or a digit, not "${text}".`,
  );
}

function nameOf(text: string | undefined): string | undefined {
  if (text === undefined || NAME.test(text)) return text;
  throw new UsageError('--name has to be a text of 1 to 64 characters, in one line.');
}

function idOf(text: string | undefined): string {
  if (text === undefined) throw new UsageError('Say which key: its id, from npm run api-key -- list.');
  if (KEY_ID.test(text)) return text;
  // Not repeated in the message: it may be a key, and this is on a screen.
  throw new UsageError('What to revoke is named by its id from the list, 4 to 64 of 0-9 and a-f; never by the key.');
}
