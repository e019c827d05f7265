declare module 'dynalite' {
  import type { Server } from 'node:http';
  /** @param options.path a folder for LevelDB; in memory without it. */
  export default function dynalite(options: {
    readonly path?: string;
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }): Server;
}
