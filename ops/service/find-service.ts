import { findDeployed } from './deployed.ts';
import { findLocal } from './local.ts';
import type { Service } from './service.ts';
import type { Target } from './target.ts';

/** @throws OperationError `not-running`, `not-deployed` and those of AWS */
export async function findService(target: Target): Promise<Service> {
  return target.where === 'local' ? await findLocal() : await findDeployed(target);
}
