import { createMemorySourceFiles } from '../../../adapters/memory/source-files.ts';
import { describeSourceFiles } from '../contracts/source-files.ts';

describeSourceFiles('in memory', () => {
  const files = createMemorySourceFiles();
  return {
    files,
    async stored(key) {
      const [, owner, , sourceUuid, generation, file] = key.split('/') as [
        string,
        string,
        string,
        string,
        string,
        'original',
      ];
      const bytes = files.stored({ owner, sourceUuid, generation: Number(generation) }, file);
      return bytes && new Uint8Array(bytes);
    },
  };
});
