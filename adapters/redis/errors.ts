/** Redis did not answer within the time that a caller may be held up. What was asked may have happened all the same. */
export class RedisUnavailable extends Error {
  override readonly name = 'RedisUnavailable';
  readonly code = 'redis-unavailable';
}
