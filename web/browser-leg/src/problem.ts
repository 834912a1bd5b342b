/** What keeps somebody from talking in a browser: what is wrong, and how to mend it. */

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
  readonly mend: string;
}

export const PROBLEM_WORDS: Readonly<Record<LegProblemKind, Words>> = {
  no_microphone: {
    words: "No microphone was found.",
    mend: "Plug in a headset or a microphone, and try again.",
  },
  permission_refused: {
    words: "This page may not use your microphone.",
    mend: "Allow the microphone with the symbol at the left of the address bar, and try again. If it is allowed there, look into the privacy settings of your computer.",
  },
  insecure_page: {
    words: "Browsers give the microphone to secure pages only.",
    mend: "Open this page with an address that begins with https://.",
  },
  microphone_busy: {
    words: "Your microphone cannot be opened.",
    mend: "Close other programs that may be using it, or plug it in again, and try again.",
  },
  microphone_lost: {
    words: "Your microphone is gone: nobody hears you.",
    mend: "Plug it in again, or another one: it is used as soon as it is there.",
  },
  microphone_muted: {
    words: "Your microphone gives no sound: nobody hears you.",
    mend: "Switch it on (at its cable, its key, or in the settings of your computer), end other calls on this device, or choose another one.",
  },
  no_path: {
    words: "Your network lets no audio through.",
    mend: "Try another network, or switch off your VPN. In a company, ask for UDP or for the TURN server to be let through.",
  },
  sound_blocked: {
    words: "Your browser holds back the sound.",
    mend: "Press the button to hear the other side.",
  },
  unsupported: {
    words: "This browser cannot make calls.",
    mend: "Use a current Firefox, Chrome, Edge or Safari, and allow WebRTC in its settings and extensions.",
  },
  not_taken: {
    words: "The server did not take this page’s connection.",
    mend: "Load the page again to go on with your call.",
  },
};

/** `message` says both, for people. */
export class LegProblem extends Error {
  readonly words: string;
  readonly mend: string;

  constructor(
    readonly kind: LegProblemKind,
    /** What the browser said, for a log. */
    readonly detail = "",
  ) {
    const { words, mend } = PROBLEM_WORDS[kind];
    super(`${words} ${mend}`);
    this.name = "LegProblem";
    this.words = words;
    this.mend = mend;
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
