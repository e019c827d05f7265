import { ACCEPTING } from './accepting.ts';
import { ADMITTING } from './admitting.ts';
import { DELIVERING } from './delivering.ts';
import { DEPLOYING } from './deploying.ts';
import { EXTRACTING } from './extracting.ts';
import { FETCHING } from './fetching.ts';
import { FORWARDING } from './forwarding.ts';
import { LOOKING_AFTER } from './looking-after.ts';
import type { Mutant } from './mutant.ts';
import { OBSERVING } from './observing.ts';
import { OPERATING } from './operating.ts';
import { PROCESSING } from './processing.ts';
import { PUBLISHING } from './publishing.ts';
import { RUNNING_LOCALLY } from './running-locally.ts';
import { SUBSCRIBING } from './subscribing.ts';

export const MUTANTS: readonly Mutant[] = [
  ...ACCEPTING,
  ...ADMITTING,
  ...PROCESSING,
  ...EXTRACTING,
  ...FETCHING,
  ...FORWARDING,
  ...PUBLISHING,
  ...SUBSCRIBING,
  ...DELIVERING,
  ...LOOKING_AFTER,
  ...DEPLOYING,
  ...OBSERVING,
  ...OPERATING,
  ...RUNNING_LOCALLY,
];
