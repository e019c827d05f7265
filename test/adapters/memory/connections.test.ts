import { createMemoryConnections } from '../../../adapters/memory/connections.ts';
import { describeConnections } from '../contracts/connections.ts';

describeConnections('in memory', createMemoryConnections);
