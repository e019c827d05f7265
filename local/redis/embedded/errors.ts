import { CommandError } from './reply.ts';

/** The refusals that more than one command gives, in the words of Redis 7. */

export function wrongType(): CommandError {
  return new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value');
}

export function syntaxError(): CommandError {
  return new CommandError('ERR syntax error');
}

export function notAnInteger(): CommandError {
  return new CommandError('ERR value is not an integer or out of range');
}

export function noSuchKey(): CommandError {
  return new CommandError('ERR no such key');
}

export function wrongArity(command: string): CommandError {
  return new CommandError(`ERR wrong number of arguments for '${command}' command`);
}

export function unknownSubcommand(command: string, subcommand: string): CommandError {
  return new CommandError(`ERR unknown subcommand '${subcommand.slice(0, 128)}'. Try ${command.toUpperCase()} HELP.`);
}

export function invalidExpireTime(command: string): CommandError {
  return new CommandError(`ERR invalid expire time in '${command}' command`);
}

/** An option that a real server has, and nothing in this project uses. Refused by name, so that nobody looks for a typing error. */
export function notSupported(command: string, option: string): CommandError {
  return new CommandError(
    `ERR the embedded Redis server does not support ${option.toUpperCase()} of ${command.toUpperCase()}`,
  );
}
