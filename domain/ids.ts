const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Any version, either case. Ids are compared and echoed as the client wrote them: it may look for its own spelling. */
export function isUuid(value: string): boolean {
  return UUID.test(value);
}

/** A place in a channel: `epoch` names one life of its history, `seq` counts 1, 2, 3 … within it. */
export interface EventId {
  readonly epoch: string;
  readonly seq: number;
}

const EVENT_ID = /^([0-9a-z]{1,32})-(0|[1-9][0-9]{0,14})$/;

export function formatEventId({ epoch, seq }: EventId): string {
  return `${epoch}-${seq}`;
}

/** @returns undefined where the text is not an event id. */
export function parseEventId(text: string): EventId | undefined {
  const match = EVENT_ID.exec(text);
  return match ? { epoch: match[1]!, seq: Number(match[2]) } : undefined;
}
