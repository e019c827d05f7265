import { callAws } from './aws-errors.ts';
import { findDeployed } from './deployed.ts';
import { findLocal } from './local.ts';
import type { Service } from './service.ts';
import type { Target } from './target.ts';

/**
 * Finds the service and does something with it.
 * @throws OperationError `not-running`, `not-deployed` and those of AWS
 */
export async function withService(target: Target, use: (service: Service) => Promise<void>): Promise<void> {
  if (target.where === 'local') return await use(await findLocal());
  const service = await findDeployed(target);
  await callAws(target, () => use(service));
}
