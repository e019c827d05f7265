import { isIP } from 'node:net';
import { TemplateError } from './template-error.ts';

/** `Fn::Cidr`: the first `count` sub-blocks of `block`, each leaving `hostBits` bits to its hosts. */
export function divideCidr(block: string, count: number, hostBits: number, path: string): string[] {
  const [address = '', prefix] = block.split('/');
  const version = isIP(address);
  if (version === 0 || prefix === undefined)
    throw new TemplateError('invalid-intrinsic', path, `${block} is not a CIDR block`);
  const bits = version === 4 ? 32 : 128;
  const length = bits - hostBits;
  if (length < Number(prefix) || count > 2 ** (length - Number(prefix))) {
    throw new TemplateError('invalid-intrinsic', path, `${block} does not hold ${count} blocks of ${hostBits} bits`);
  }
  const first = version === 4 ? parse4(address) : parse6(address);
  return Array.from({ length: count }, (_, index) => {
    const start = first + (BigInt(index) << BigInt(hostBits));
    return `${version === 4 ? format4(start) : format6(start)}/${length}`;
  });
}

function parse4(address: string): bigint {
  return address.split('.').reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function format4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

function parse6(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function format6(value: bigint): string {
  return Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16)).join(
    ':',
  );
}
