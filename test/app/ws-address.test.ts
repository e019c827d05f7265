import { describe, expect, it } from 'vitest';
import { wsAddress } from '../../app/ws-address.ts';

const id = '5b0f6c1e-8a3d-4f6e-9b7a-2c4d8e1f0a35';
const direct = 'wss://f6g7h8i9j0.execute-api.us-east-1.amazonaws.com/prod';

describe('the address of a socket', () => {
  it('is on the host that was called, at the path of the original service', () => {
    expect(wsAddress(id, { viewerHost: 'uploads.example.com', scheme: 'https' }, direct)).toBe(
      `wss://uploads.example.com/ws/${id}`,
    );
    expect(wsAddress(id, { viewerHost: 'localhost:8811', scheme: 'http' }, direct)).toBe(
      `ws://localhost:8811/ws/${id}`,
    );
    expect(wsAddress(id, { viewerHost: '[::1]:8811', scheme: 'http' }, direct)).toBe(`ws://[::1]:8811/ws/${id}`);
  });

  it('is the API itself where no front was in between', () => {
    expect(wsAddress(id, { viewerHost: undefined, scheme: 'https' }, direct)).toBe(`${direct}?ws-uuid=${id}`);
  });

  it('carries the token, in the query of either', () => {
    expect(wsAddress(id, { viewerHost: 'uploads.example.com', scheme: 'https' }, direct, 'a.b.c')).toBe(
      `wss://uploads.example.com/ws/${id}?token=a.b.c`,
    );
    expect(wsAddress(id, { viewerHost: undefined, scheme: 'https' }, direct, 'a.b.c')).toBe(
      `${direct}?ws-uuid=${id}&token=a.b.c`,
    );
  });

  it.each(['evil.example/path', 'a b', 'user@host', 'host:port', '', 'host/', '"><script>'])(
    'never repeats %j as a host',
    (viewerHost) => {
      expect(wsAddress(id, { viewerHost, scheme: 'https' }, direct)).toBe(`${direct}?ws-uuid=${id}`);
    },
  );
});
