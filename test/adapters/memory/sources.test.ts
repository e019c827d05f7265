import { createMemorySources } from '../../../adapters/memory/sources.ts';
import { describeSourcesOfChannel } from '../contracts/source-channels.ts';
import { describeSourceDeadlines } from '../contracts/source-deadlines.ts';
import { describeSourceOpening } from '../contracts/source-opening.ts';
import { describeSources } from '../contracts/sources.ts';

describeSourceOpening('in memory', createMemorySources);
describeSources('in memory', createMemorySources);
describeSourceDeadlines('in memory', createMemorySources);
describeSourcesOfChannel('in memory', createMemorySources);
