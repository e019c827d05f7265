import { createMemoryChannels } from '../../../adapters/memory/channels.ts';
import { describeChannels } from '../contracts/channels.ts';

describeChannels('in memory', createMemoryChannels);
