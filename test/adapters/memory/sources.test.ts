import { createMemorySources } from '../../../adapters/memory/sources.ts';
import { describeSourcesOfChannel } from '../contracts/source-channels.ts';
import { describeSourceDeadlines } from '../contracts/source-deadlines.ts';
import { describeSources } from '../contracts/sources.ts';

describeSources('in memory', createMemorySources);
describeSourceDeadlines('in memory', createMemorySources);
describeSourcesOfChannel('in memory', createMemorySources);
