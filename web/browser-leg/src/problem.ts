/** What keeps somebody from talking in a browser: what is wrong, and what to do about it. */

export type LegProblemKind =
  | "no_microphone"
  | "permission_refused"
  | "insecure_page"
  | "microphone_busy"
  | "microphone_lost"
  | "microphone_muted"
  | "no_path"
  | "sound_blocked"
  | "unsupported"
  | "not_taken";

/** Problems of the microphone: what they ask for is to open one. */
export const MICROPHONE_PROBLEMS: ReadonlySet<LegProblemKind> = new Set([
  "no_microphone",
  "permission_refused",
  "microphone_busy",
  "microphone_lost",
  "microphone_muted",
]);

interface Words {
  readonly words: string;
  readonly remedy: string;
}

export const PROBLEM_WORDS: Readonly<Record<LegProblemKind, Words>> = {
  no_microphone: {
    words: "No microphone was found.",
    remedy: "Plug in a headset or a microphone, and try again.",
  },
  permission_refused: {
    words: "This page may not use your microphone.",
    remedy:
      "Allow the microphone with the icon to the left of the address bar, and try again. If it is already allowed there, check your computer’s privacy settings.",
  },
  insecure_page: {
    words: "Browsers allow microphones on secure pages only.",
    remedy: "Open this page with an address that begins with https://.",
  },
  microphone_busy: {
    words: "Your microphone does not start.",
    remedy: "Close other programs that may be using it, or plug it in again, and try again.",
  },
  microphone_lost: {
    words: "Your microphone was disconnected: nobody can hear you.",
    remedy: "Plug it in again, or plug in another one. This page uses it at once.",
  },
  microphone_muted: {
    words: "Your microphone is silent: nobody can hear you.",
    remedy:
      "Switch it on (at its cable, its key, or in the settings of your computer), end other calls on this device, or choose another one.",
  },
  no_path: {
    words: "Your network blocks the audio.",
    remedy:
      "Try another network, or turn off your VPN. At work, ask your IT team to allow UDP or the TURN server.",
  },
  sound_blocked: {
    words: "Your browser blocked the sound.",
    remedy: "Press the button to hear the other side.",
  },
  unsupported: {
    words: "This browser cannot make calls.",
    remedy: "Use a current Firefox, Chrome, Edge or Safari, and allow WebRTC in its settings and extensions.",
  },
  not_taken: {
    words: "The server did not accept this page’s connection.",
    remedy: "Reload the page to continue your call.",
  },
};

/** `message` says both, for people. */
export class LegProblem extends Error {
  readonly words: string;
  readonly remedy: string;

  constructor(
    readonly kind: LegProblemKind,
    /** What the browser said, for a log. */
    readonly detail = "",
  ) {
    const { words, remedy } = PROBLEM_WORDS[kind];
    super(`${words} ${remedy}`);
    this.name = "LegProblem";
    this.words = words;
    this.remedy = remedy;
  }
}

/** The problem that an exception of getUserMedia stands for. */
export function microphoneProblem(error: unknown): LegProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  const kind = KINDS[name] ?? "microphone_busy";
  return new LegProblem(kind, String(error));
}

/** By the names of Media Capture and Streams, section 10.2 (getUserMedia). */
const KINDS: Readonly<Record<string, LegProblemKind>> = {
  NotFoundError: "no_microphone",
  OverconstrainedError: "no_microphone",
  NotAllowedError: "permission_refused",
  SecurityError: "permission_refused",
  NotReadableError: "microphone_busy",
  AbortError: "microphone_busy",
};
