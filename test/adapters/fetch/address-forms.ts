/** Names as they stand in a URL: each leads to a place that is not public, one way or another. */
export const HOSTS: readonly string[] = [
  // Loopback, in every spelling of IPv4 that a URL takes
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '0177.0.0.0x1',
  '127.0.0.1.',
  '127%2e0%2e0%2e1',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  // "This" network and broadcast
  '0',
  '0.0.0.0',
  '0.1.2.3',
  '255.255.255.255',
  // Private, shared, link-local and the metadata services
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '169.254.170.2',
  '2852039166',
  '0xA9FEA9FE',
  // Reserved, benchmarking, documentation, relay, multicast
  '192.0.0.1',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  // IPv6: loopback, unspecified, link-local, site-local, unique local, the metadata services, multicast
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[fe80::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fd00:ec2::23]',
  '[ff02::1]',
  // IPv4 inside IPv6: mapped, compatible, translated, 6to4, Teredo, NAT64, local NAT64
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:10.0.0.1]',
  '[0:0:0:0:0:ffff:169.254.169.254]',
  '[::127.0.0.1]',
  '[::a00:1]',
  '[::ffff:0:127.0.0.1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2001:0:7f00:1::1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::a00:1]',
  // Documentation, discard, ORCHID, benchmarking, segment routing, not allocated
  '[2001:db8::1]',
  '[3fff::1]',
  '[100::1]',
  '[2001:10::1]',
  '[2001:20::1]',
  '[2001:2::1]',
  '[5f00::1]',
  '[4000::1]',
  '[8000::1]',
  // Public, but mapped: no public server needs to be named like this
  '[::ffff:93.184.215.14]',
];

/** Not URLs, but a resolver or a hosts file may answer with them. */
export const ANSWERS: readonly string[] = [
  'fe80::1%eth0',
  '::1%lo',
  '2606:4700::1111%eth0',
  '127.1',
  '0x7f000001',
  'localhost',
  '',
  '1.2.3.4.5',
  '::ffff:1.1.1.1',
];

/** As a resolver would answer with it. */
export function addressOf(form: string): string {
  if (form.startsWith('[')) return form.slice(1, -1);
  return URL.parse(`http://${form}/`)?.hostname ?? form;
}
