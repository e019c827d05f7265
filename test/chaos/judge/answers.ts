import type { Observed } from './observed.ts';
import type { Violation } from './violation.ts';

/** I0: what was on the wire was as the protocol has it, so each 4xx to it would be a lie, and each 2xx to what breaks a rule. */
export function judgeAnswers({ requests, channels }: Observed): Violation[] {
  const violations: Violation[] = [];
  for (const { channel, source, call, invalid, answer } of requests) {
    const status = answer?.status;
    if (status === undefined) continue;
    const wrong = invalid ? status < 300 : status >= 400 && status < 500;
    if (!wrong) continue;
    const what = `${invalid ? 'an invalid' : 'a valid'} ${call} was answered ${status} ${answer?.code ?? ''}`.trim();
    violations.push({ invariant: 'I0', what, channel, ...(source && { source }) });
  }
  for (const { wsUuid, sockets } of channels.values()) {
    for (const { socket, refused } of sockets) {
      const status = refused?.status;
      if (status === undefined || status >= 500) continue;
      violations.push({ invariant: 'I0', what: `a handshake was refused with ${status}`, channel: wsUuid, socket });
    }
  }
  return violations;
}
