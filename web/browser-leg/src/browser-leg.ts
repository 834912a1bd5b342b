/** One leg: offers, keeps its connection alive through loss, and ends. */

import { Events } from "./events";
import { Hearing } from "./hearing";
import { rtcServers } from "./ice-servers";
import type {
  FailedProblem,
  IceServer,
  LegAnswer,
  LegHangUp,
  LegOffer,
  LegRing,
  PageLegMessage,
  ServerLegMessage,
} from "./messages";
import type { Microphone } from "./microphone";
import { Peer, type PeerListener } from "./peer";
import { LegProblem } from "./problem";
import type { Quality } from "./quality";
import { Retries } from "./retries";
import { type LegWorld, thisBrowser } from "./leg-world";

export type HangUpReason = NonNullable<LegHangUp["reason"]>;

export type LegState = "idle" | "connecting" | "connected" | "reconnecting" | "ended";

export interface LegEvents {
  state: LegState;
  problem: LegProblem;
  quality: Quality;
  /** How loud the other side is, 0 to 1. */
  level: number;
  /** What is heard; a new one after each reconnect. */
  heard: MediaStream;
  /** `muted` or `volume` changed. */
  changed: void;
}

export interface LegOptions {
  /** The server's name of the leg. */
  readonly leg: string;
  readonly iceServers: readonly IceServer[];
  /** Opened when the leg connects, if it is not open yet; never closed by the leg. */
  readonly microphone: Microphone;
  /** Send to the server; false when that cannot be done now. */
  readonly send: (message: PageLegMessage) => boolean;
  /** Whether Opus is asked for when the server advises it; true by default. */
  readonly mayUseOpus?: boolean;
  readonly volume?: number;
}

/** Milliseconds for an offer to connect. */
const CONNECT_WITHIN = 8_000;
/** Milliseconds without any connection before we say that there is no path. */
const NO_PATH_AFTER = 15_000;
/** Milliseconds that a shaky connection may take to come back by itself. */
const SHAKY_FOR = 2_000;
/** Milliseconds that a leg which is taken back waits for the microphone before it goes on with silence. */
const ASKED_FOR = 1_500;
/** The part of a TURN password's life after which another one is asked for. */
const RENEW_AFTER = 0.7;
/** The most milliseconds that a timer can wait. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** The first wait before another offer, and the longest, in ms. */
const WAITS = { first: 500, longest: 4_000 } as const;

export class BrowserLeg extends Events<LegEvents> implements PeerListener {
  readonly leg: string;
  readonly microphone: Microphone;
  state: LegState = "idle";
  /** Why it ended: the server's cause, or the reason that we hung up with. */
  cause: string | null = null;
  /** Which audio the server chose. */
  audio: LegAnswer["audio"] | null = null;
  quality: Quality | null = null;
  /** Milliseconds since 1970; null before audio flowed. */
  connectedAt: number | null = null;

  private iceServers: RTCIceServer[];
  private wanted: NonNullable<LegOffer["audio"]> = "auto";
  /** The one that is connected, and the one that shall replace it. */
  private current: Peer | null = null;
  private coming: Peer | null = null;
  /** Ours alone: the server counts offers as they come. Other pages of this leg begin elsewhere. */
  private session = Math.floor(Math.random() * 2 ** 31);
  private readonly retries = new Retries(() => this.offer(), WAITS);
  private unconnectedSince = 0;
  private timers: Partial<Record<"connect" | "shaky" | "renew", ReturnType<typeof setTimeout>>> = {};
  /** What is sent while there is no microphone. */
  private silence: MediaStream | null = null;
  private readonly hearing: Hearing;
  private readonly streams = new WeakMap<Peer, MediaStream>();
  private readonly stops: (() => void)[] = [];
  private isMuted = false;
  /** With what we hung up. */
  private refusal: HangUpReason | null = null;

  constructor(
    private readonly options: LegOptions,
    private readonly world: LegWorld = thisBrowser,
  ) {
    super();
    this.leg = options.leg;
    this.microphone = options.microphone;
    this.iceServers = rtcServers(options.iceServers);
    this.hearing = new Hearing(world.speaker(), world.meter, {
      loud: (level) => this.emit("level", level),
      blocked: () => this.emit("problem", new LegProblem("sound_blocked")),
      fared: (quality, told) => this.fared(quality, told),
    });
    this.hearing.speaker.volume = options.volume ?? 1;
  }

  get muted(): boolean {
    return this.isMuted;
  }

  set muted(muted: boolean) {
    this.isMuted = muted;
    const { track } = this.microphone;
    if (track) track.enabled = !muted;
    this.emit("changed", undefined);
  }

  /** 0 to 1. */
  get volume(): number {
    return this.hearing.speaker.volume;
  }

  set volume(volume: number) {
    this.hearing.speaker.volume = volume;
    this.emit("changed", undefined);
  }

  get over(): boolean {
    return this.state === "ended";
  }

  /** Take the leg: open the microphone and offer. Throws {@link LegProblem} where the microphone has one. */
  async connect(): Promise<void> {
    if (this.state !== "idle") return;
    if (!this.world.able()) throw new LegProblem("unsupported", "no RTCPeerConnection");
    this.to("connecting");
    try {
      await this.microphone.open();
    } catch (problem) {
      // What has no microphone now may have one in a moment: the leg still rings.
      if (!this.isOver()) this.to("idle");
      throw problem;
    }
    this.begin();
  }

  /**
   * Take back a leg that is talked on already, as after a reload: with silence for as long as there is no microphone,
   * because who is asked whether the page may listen, or has to look for a cable, must not lose the call meanwhile.
   */
  async rejoin(): Promise<void> {
    if (this.state !== "idle") return;
    if (!this.world.able()) throw new LegProblem("unsupported", "no RTCPeerConnection");
    this.to("connecting");
    const opening = this.microphone.open().catch((problem: unknown) => {
      if (!(problem instanceof LegProblem)) throw problem;
      if (!this.isOver()) this.microphone.waitFor(problem);
    });
    await Promise.race([opening, new Promise((late) => setTimeout(late, ASKED_FOR))]);
    this.begin();
  }

  private begin(): void {
    if (this.isOver()) return;
    this.stops.push(
      this.microphone.on("opened", (track) => this.speakWith(track)),
      this.microphone.on("problem", () => this.speakSilence()),
      this.world.network(() => this.networkChanged()),
    );
    this.unconnectedSince = this.world.now();
    this.muted = this.isMuted;
    this.offer();
  }

  /** Take what the server says about this leg. */
  receive(message: ServerLegMessage): void {
    if (message.leg !== this.leg) return;
    if (message.type === "ring") this.rung(message);
    else if (this.over) return;
    else if (message.type === "gone" || message.type === "bye") this.end(message.cause);
    else this.heardAbout(message);
  }

  /** Press a key. */
  dtmf(digit: string): void {
    if (/^[0-9A-D*#]$/.test(digit)) this.say({ type: "dtmf", leg: this.leg, digit });
  }

  /** End the leg, or decline it. */
  hangUp(reason: HangUpReason = "hung_up"): void {
    if (this.over) return;
    this.refusal = reason;
    this.say({ type: "hang_up", leg: this.leg, reason });
    this.end(reason);
  }

  /** Leave the leg to others, without a word to the server: the page goes, or the leg is talked on elsewhere. */
  abandon(cause = "abandoned"): void {
    this.end(cause);
  }

  /** To be called in a click when the browser held back the sound. */
  unblock(): void {
    void this.hearing.speaker.play();
  }

  say(message: PageLegMessage): boolean {
    return this.options.send(message);
  }

  // What the peers say ------------------------------------------------------------------------------------

  connected(peer: Peer): void {
    if (this.over) return;
    if (peer === this.coming) {
      this.current?.close();
      this.current = peer;
      this.coming = null;
      this.clear("connect");
      this.retries.cancel();
      this.listen(peer);
    } else if (peer !== this.current) {
      return;
    }
    this.clear("shaky");
    this.retries.reset();
    this.connectedAt ??= this.world.now();
    this.to("connected");
    this.hearing.watch(peer.pc);
  }

  shaky(peer: Peer): void {
    if (peer !== this.current || this.over) return;
    this.timers.shaky ??= setTimeout(() => {
      delete this.timers.shaky;
      if (this.current === peer && !this.steady(peer)) this.lost();
    }, SHAKY_FOR);
  }

  failed(peer: Peer, detail: string): void {
    if (this.over) return;
    if (peer === this.coming) this.again(detail);
    else if (peer === this.current) this.lost();
  }

  heard(peer: Peer, stream: MediaStream): void {
    this.streams.set(peer, stream);
    if (peer === this.current) this.listen(peer);
  }

  // Offers ------------------------------------------------------------------------------------------------

  /** Make a new connection; the one there is goes on until the new one is connected. */
  private offer(): void {
    const stream = this.microphone.stream ?? this.quiet();
    const track = stream?.getAudioTracks()[0] ?? null;
    this.clear("connect");
    this.retries.cancel();
    this.coming?.close();
    this.coming = null;
    this.session += 1;
    const pc = this.world.connect({ iceServers: this.iceServers });
    const peer = new Peer(pc, this.leg, this.session, stream, track, this);
    this.coming = peer;
    this.timers.connect = setTimeout(() => this.failed(peer, "no answer, or no path"), CONNECT_WITHIN);
    void peer.offer(this.wanted).then(() => {
      // There is no socket: a `ring` comes when it is back.
      if (this.coming === peer && !peer.offered && !this.over) this.drop();
    });
  }

  /** The offer came to nothing: another one, a little later. */
  private again(detail: string): void {
    this.drop();
    const waited = this.world.now() - this.unconnectedSince;
    if (this.connectedAt === null && waited >= NO_PATH_AFTER) {
      this.giveUp("no_path", detail);
      return;
    }
    this.retries.failed();
  }

  private drop(): void {
    this.clear("connect");
    this.retries.cancel();
    this.coming?.close();
    this.coming = null;
  }

  /** The connection is gone: say so, and offer. */
  private lost(): void {
    if (this.state === "connected") this.to("reconnecting");
    if (!this.coming && !this.retries.waiting) this.offer();
  }

  private networkChanged(): void {
    if (!this.over && this.state !== "idle") this.offer();
  }

  /** Silence to send, or null where the browser has no sound to make it of: then nothing is sent. */
  private quiet(): MediaStream | null {
    this.silence ??= this.world.silence();
    return this.silence;
  }

  /** Send silence from now on if the microphone is gone: the other side hears that we are there. */
  private speakSilence(): void {
    if (this.microphone.stream) return;
    const track = this.quiet()?.getAudioTracks()[0] ?? null;
    void this.current?.speakWith(track);
    void this.coming?.speakWith(track);
  }

  private speakWith(track: MediaStreamTrack): void {
    track.enabled = !this.isMuted;
    void this.current?.speakWith(track);
    void this.coming?.speakWith(track);
    if (!this.coming && !this.current?.alive) this.offer();
  }

  private giveUp(kind: "no_path" | "unsupported" | "not_taken", detail: string): void {
    this.emit("problem", new LegProblem(kind, detail));
    this.hangUp("no_path");
  }

  // What the server says ----------------------------------------------------------------------------------

  private rung({ ice_lifetime, ice_servers, under_way }: LegRing): void {
    this.iceServers = rtcServers(ice_servers);
    this.renewIn(ice_lifetime);
    if (this.over) {
      // We hung up while there was no socket. What somebody had must be had to be ended.
      if (this.refusal === null) return;
      if (under_way) this.say({ type: "reattach", leg: this.leg });
      this.say({ type: "hang_up", leg: this.leg, reason: this.refusal });
      return;
    }
    if (this.state === "idle") return;
    const offering = this.coming !== null || this.retries.waiting;
    const alive = this.current?.alive ?? false;
    // It rings for the first time, and our offer is under way.
    if (!under_way && (offering || alive)) return;
    this.unconnectedSince = this.world.now();
    this.retries.reset();
    if (alive) this.say({ type: "reattach", leg: this.leg });
    if (!alive || offering) this.offer();
  }

  /** Before the TURN password runs out, ask for another one. */
  private renewIn(lifetime: number | null): void {
    this.clear("renew");
    if (lifetime === null || this.over) return;
    const wait = Math.min(RENEW_AFTER * lifetime * 1000, LONGEST_TIMER);
    // Without a socket now, the `ring` on the next one brings it.
    this.timers.renew = setTimeout(() => this.say({ type: "ask_ice_servers", leg: this.leg }), wait);
  }

  /** Another TURN password: for further connections, and for the one there is if it needs the TURN server. */
  private renewed(iceServers: RTCIceServer[], lifetime: number | null): void {
    this.iceServers = iceServers;
    this.renewIn(lifetime);
    const { current } = this;
    if (!current) return;
    current.useServers(iceServers);
    void current.relayed().then((relayed) => {
      if (relayed && current === this.current && !this.coming && !this.over) this.offer();
    });
  }

  private heardAbout(message: Exclude<ServerLegMessage, { type: "ring" | "gone" | "bye" }>): void {
    if (message.type === "ice_servers") {
      this.renewed(rtcServers(message.ice_servers), message.ice_lifetime);
      return;
    }
    const peer = [this.coming, this.current].find((known) => known?.session === message.session);
    if (!peer) return;
    switch (message.type) {
      case "answer":
        this.audio = message.audio;
        void peer.answer(message.sdp);
        break;
      case "candidate":
        void peer.candidate(message);
        break;
      case "end_of_candidates":
        void peer.candidate(null);
        break;
      case "connected":
        this.connected(peer);
        break;
      case "failed":
        this.refused(peer, message.problem);
        break;
      case "quality":
        this.hearing.upFares({ loss: message.up_loss, jitterMs: message.up_jitter_ms, concealed: 0 });
        if (message.advise_opus) this.advised();
        break;
    }
  }

  private refused(peer: Peer, problem: FailedProblem): void {
    if (problem === "bad_offer" || problem === "no_common_codec" || problem === "too_many_offers") {
      const kind = problem === "too_many_offers" ? "not_taken" : "unsupported";
      if (peer === this.coming && !this.current?.alive) this.giveUp(kind, problem);
      else if (peer === this.coming) this.drop();
    } else {
      this.failed(peer, problem);
    }
  }

  private advised(): void {
    if (this.options.mayUseOpus === false || this.wanted === "opus" || this.audio === "opus") return;
    if (this.state !== "connected" || this.coming) return;
    this.wanted = "opus";
    this.offer();
  }

  // What is heard -----------------------------------------------------------------------------------------

  private listen(peer: Peer): void {
    const stream = this.streams.get(peer);
    if (!stream) return;
    this.hearing.play(stream);
    this.emit("heard", stream);
  }

  private fared(quality: Quality, told: boolean): void {
    this.quality = quality;
    this.emit("quality", quality);
    const { current, leg } = this;
    if (!told || !current) return;
    const round = (value: number): number => Math.round(value * 10) / 10;
    const { loss, jitterMs, concealed } = quality.down;
    const measured = { loss: round(loss), jitter_ms: round(jitterMs), concealed: round(concealed) };
    this.say({ type: "heard_quality", leg, session: current.session, ...measured });
  }

  // Its state ---------------------------------------------------------------------------------------------

  private steady(peer: Peer): boolean {
    const { iceConnectionState } = peer.pc;
    return peer.alive && (iceConnectionState === "connected" || iceConnectionState === "completed");
  }

  /** As {@link over}, for where the compiler believes to know the state. */
  private isOver(): boolean {
    return this.over;
  }

  private to(state: LegState): void {
    if (state === this.state) return;
    this.state = state;
    this.emit("state", state);
  }

  private clear(...names: (keyof typeof this.timers)[]): void {
    for (const name of names) {
      clearTimeout(this.timers[name]);
      delete this.timers[name];
    }
  }

  private end(cause: string): void {
    if (this.over) return;
    this.cause = cause;
    this.clear("connect", "shaky", "renew");
    this.retries.stop();
    for (const track of this.silence?.getTracks() ?? []) track.stop();
    this.silence = null;
    for (const stop of this.stops.splice(0)) stop();
    this.coming?.close();
    this.current?.close();
    this.coming = this.current = null;
    this.hearing.stop();
    // The next leg of this microphone is heard.
    if (this.microphone.track) this.microphone.track.enabled = true;
    this.to("ended");
  }
}
