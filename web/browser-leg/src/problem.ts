/** What keeps somebody from talking in a browser: what is wrong, and how to mend it. */

export type LegProblemKind =
  | "no_microphone"
  | "permission_refused"
  | "insecure_page"
  | "microphone_busy"
  | "microphone_lost"
  | "no_path"
  | "sound_blocked"
  | "unsupported";

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
    words: "Your microphone is gone.",
    mend: "Plug it in again, or choose another one.",
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
    mend: "Use a current Firefox, Chrome, Edge or Safari.",
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
