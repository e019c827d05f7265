import type { RedisUser } from '../redis/start-redis.ts';
import type { Resource } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import { type CacheProperties, serverlessCache, user, userGroup } from '../template/types/elasticache.ts';

export function theCache(template: Template): Resource<CacheProperties> {
  const [cache, ...others] = template.of(serverlessCache);
  if (cache && others.length === 0) return cache;
  throw new TemplateError('invalid-property', serverlessCache.type, 'the local runtime has one Redis, for one cache');
}

/** Those that the cache lets in; see `cache-login.ts` for their passwords. */
export function cacheUsers(template: Template): RedisUser[] {
  const { path, properties } = theCache(template);
  if (properties.UserGroupId === undefined) return [];
  const group = template.of(userGroup).find(({ ref }) => ref === properties.UserGroupId);
  if (!group) throw missing(`${path}/Properties/UserGroupId`, properties.UserGroupId);
  return group.properties.UserIds.map((id, index) => {
    const member = template.of(user).find(({ ref }) => ref === id);
    if (!member) throw missing(`${group.path}/Properties/UserIds/${index}`, id);
    return { name: member.properties.UserName, accessString: member.properties.AccessString };
  });
}

function missing(path: string, name: string): TemplateError {
  return new TemplateError('invalid-property', path, `${name} is not in the template`);
}
