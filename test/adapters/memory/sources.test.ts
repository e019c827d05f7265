import { createMemorySources } from '../../../adapters/memory/sources.ts';
import { describeSources } from '../contracts/sources.ts';

describeSources('in memory', createMemorySources);
