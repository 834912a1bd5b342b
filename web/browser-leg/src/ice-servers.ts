/** STUN and TURN servers as the server tells them and as RTCPeerConnection takes them. */

import type { IceServer } from "./messages";

export const rtcServers = (servers: readonly IceServer[]): RTCIceServer[] =>
  servers.map(({ credential, urls, username }) => ({
    urls: [...urls],
    ...(username === null ? {} : { username }),
    ...(credential === null ? {} : { credential }),
  }));
