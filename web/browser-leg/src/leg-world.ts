/** What of the browser a leg uses; tests put something else in its place. */

import { LevelMeter } from "./level";
import { audioContext } from "./sounds";
import { Speaker } from "./speaker";

export interface LegWorld {
  /** Whether the browser can connect at all. */
  able(): boolean;
  /** A stream of silence; null where none can be made. */
  silence(): MediaStream | null;
  connect(configuration: RTCConfiguration): RTCPeerConnection;
  speaker(): Pick<Speaker, "play" | "stop" | "volume">;
  meter(stream: MediaStream, tell: (level: number) => void): { stop(): void };
  /** Tells of changes of the network; what it gives back stops that. */
  network(changed: () => void): () => void;
  /** Milliseconds since 1970. */
  now(): number;
}

export const thisBrowser: LegWorld = {
  able: () => typeof RTCPeerConnection !== "undefined",
  silence() {
    try {
      return audioContext().createMediaStreamDestination().stream;
    } catch {
      return null;
    }
  },
  connect: (configuration) => new RTCPeerConnection(configuration),
  speaker: () => new Speaker(),
  meter: (stream, tell) => new LevelMeter(stream, tell),
  network: watchNetwork,
  now: () => Date.now(),
};

/** Tells when the machine is online again, or went from one kind of network to another where browsers say so. */
function watchNetwork(changed: () => void): () => void {
  const connection = (navigator as { connection?: EventTarget & { type?: string } }).connection;
  let type = connection?.type;
  const look = (): void => {
    // It tells of guesses at its speed, too.
    if (connection?.type === type) return;
    type = connection?.type;
    if (type !== "none") changed();
  };
  window.addEventListener("online", changed);
  connection?.addEventListener("change", look);
  return () => {
    window.removeEventListener("online", changed);
    connection?.removeEventListener("change", look);
  };
}
