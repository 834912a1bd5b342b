/** One RTCPeerConnection of a leg: offers once, trickles both ways, and is thrown away when it fails. */

import type { LegOffer, LegServerCandidate, PageLegMessage } from "./messages";

/** Who hears what becomes of a peer. */
export interface PeerListener {
  /** False: it could not be sent. */
  say(message: PageLegMessage): boolean;
  connected(peer: Peer): void;
  /** It may come back by itself. */
  shaky(peer: Peer): void;
  failed(peer: Peer, detail: string): void;
  /** The stream of the other side. */
  heard(peer: Peer, stream: MediaStream): void;
}

export class Peer {
  /** Whether the offer reached the socket. */
  offered = false;
  private readonly sender: RTCRtpSender;
  private closed = false;
  private answered = false;
  /** Ours, until the offer is sent, and theirs, until the answer is here. */
  private readonly ours: (RTCIceCandidate | null)[] = [];
  private readonly theirs: RTCIceCandidateInit[] = [];

  constructor(
    readonly pc: RTCPeerConnection,
    readonly leg: string,
    /** Our number for this connection. */
    readonly session: number,
    stream: MediaStream | null,
    track: MediaStreamTrack | null,
    private readonly listener: PeerListener,
  ) {
    this.sender = track && stream ? pc.addTrack(track, stream) : pc.addTransceiver("audio").sender;
    pc.ontrack = ({ streams, track: theirs }) => {
      if (!this.closed) listener.heard(this, streams[0] ?? new MediaStream([theirs]));
    };
    pc.onicecandidate = ({ candidate }) => this.found(candidate);
    pc.onconnectionstatechange = () => this.changed();
    // Chromium says "disconnected" here some seconds before connectionState does.
    pc.oniceconnectionstatechange = () => {
      if (!this.closed && pc.iceConnectionState === "disconnected") listener.shaky(this);
    };
  }

  get alive(): boolean {
    return !this.closed && this.pc.connectionState === "connected";
  }

  /** Make the offer and send it. */
  async offer(audio: NonNullable<LegOffer["audio"]>): Promise<void> {
    try {
      await this.pc.setLocalDescription();
      const sdp = this.pc.localDescription?.sdp;
      if (this.closed || !sdp) return;
      this.offered = this.say({ type: "offer", leg: this.leg, session: this.session, sdp, audio });
      for (const candidate of this.ours.splice(0)) this.tell(candidate);
    } catch (error) {
      this.fail(error);
    }
  }

  async answer(sdp: string): Promise<void> {
    if (this.answered || this.closed) return;
    this.answered = true;
    try {
      await this.pc.setRemoteDescription({ type: "answer", sdp });
      for (const candidate of this.theirs.splice(0)) await this.pc.addIceCandidate(candidate);
    } catch (error) {
      this.fail(error);
    }
  }

  /** A candidate of the server's; null: no further one comes. */
  async candidate(fields: LegServerCandidate | null): Promise<void> {
    if (this.closed) return;
    const candidate = fields
      ? {
          candidate: fields.candidate.replace(/^(?!candidate:)/, "candidate:"),
          sdpMid: fields.sdpMid ?? null,
          sdpMLineIndex: fields.sdpMLineIndex ?? (fields.sdpMid == null ? 0 : null),
        }
      : { candidate: "", sdpMLineIndex: 0 };
    if (!this.pc.remoteDescription) {
      this.theirs.push(candidate);
      return;
    }
    try {
      await this.pc.addIceCandidate(candidate);
    } catch (error) {
      // One candidate that the browser cannot read is one way less, not the end of all.
      console.warn("candidate refused", candidate.candidate, error);
    }
  }

  /** Speak with another microphone; null: say nothing. */
  async speakWith(track: MediaStreamTrack | null): Promise<void> {
    if (!this.closed) await this.sender.replaceTrack(track);
  }

  /** Use these STUN and TURN servers for what is gathered from now on. */
  useServers(iceServers: RTCIceServer[]): void {
    if (this.closed) return;
    try {
      this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers });
    } catch (error) {
      console.warn("new ICE servers refused", error);
    }
  }

  /** Whether the audio goes by way of a TURN server. */
  async relayed(): Promise<boolean> {
    if (this.closed) return false;
    const reports = await this.pc.getStats();
    const found = [...reports.values()] as Record<string, unknown>[];
    const pair = found.find(
      ({ nominated, state, type }) =>
        type === "candidate-pair" && nominated === true && state === "succeeded",
    );
    const local = found.find(({ id }) => pair !== undefined && id === pair["localCandidateId"]);
    return local?.["candidateType"] === "relay";
  }

  close(): void {
    this.closed = true;
    this.pc.close();
  }

  private say(message: PageLegMessage): boolean {
    return this.listener.say(message);
  }

  private found(candidate: RTCIceCandidate | null): void {
    if (this.closed) return;
    if (this.offered) this.tell(candidate);
    else this.ours.push(candidate);
  }

  private tell(candidate: RTCIceCandidate | null): void {
    const { leg, session } = this;
    if (candidate && candidate.candidate !== "") {
      const { candidate: text, sdpMid, sdpMLineIndex } = candidate;
      this.say({ type: "candidate", leg, session, candidate: text, sdpMid, sdpMLineIndex });
    } else if (candidate === null) {
      this.say({ type: "end_of_candidates", leg, session });
    }
  }

  private changed(): void {
    if (this.closed) return;
    const { connectionState } = this.pc;
    if (connectionState === "connected") this.listener.connected(this);
    else if (connectionState === "disconnected") this.listener.shaky(this);
    else if (connectionState === "failed") this.fail("connection failed");
  }

  private fail(reason: unknown): void {
    if (!this.closed) this.listener.failed(this, String(reason));
  }
}
