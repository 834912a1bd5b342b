import { PROBLEM_WORDS } from "@ringback/browser-leg";
import type { Trouble, Words } from "../words";

const troubles = Object.fromEntries(
  Object.entries(PROBLEM_WORDS).map(([kind, { words, remedy }]) => [kind, [words, remedy] as Trouble]),
) as Words["troubles"];

export const en: Words = {
  language: "en",

  close: "Close",
  talk: {
    phone: { computer: "Talk by Phone", handheld: "Talk by Phone" },
    pc: { computer: "Talk by PC", handheld: "Talk in the browser" },
  },
  ways: {
    phone: { computer: "By phone", handheld: "Call me" },
    pc: { computer: "By PC", handheld: "Browser" },
  },
  chat: { title: "Chat with us", way: "Chat", back: "Back to the chat" },
  chatLost: "The chat did not load. Please try again, or choose another way.",
  unread: (count) => (count === 1 ? "1 new message" : `${count} new messages`),
  how: "How would you like to talk?",
  lead: {
    phone: "We call you and connect you with somebody who can help. It costs you nothing.",
    pc: {
      computer: "Talk right here, with this computer’s microphone. Nothing to install, nothing to pay.",
      handheld: "Talk right here, with this phone’s microphone. Nothing to install, nothing to pay.",
    },
  },
  country: "Country",
  number: "Your phone number",
  optional: "(optional)",
  numberWhy: "In case we get cut off, or to call you back.",
  numberMissing: "Please give the phone number that we should call.",
  numberPart: "This is not a whole phone number yet.",
  willCall: "We will call",
  yourNumber: "Your number:",
  callMe: "Call me now",
  callNow: "Call now",
  callBack: "Call me back",
  leaveMessage: "Leave a message",
  write: "Write to us instead",
  checkMicrophone: "Check my microphone",
  moment: "One moment…",
  again: "Call again",
  share: "Share this page by phone",
  byPhone: "Talk by Phone instead",
  nothing: "Nobody can be reached here right now. Please come back later.",

  later: {
    callback: (when) => `Nobody is free right now. We can call you back${when && ` ${when}`}.`,
    message: (when) =>
      `Nobody is free right now${when && `: we are back ${when}`}. You can leave a message, and we will answer it.`,
    nothing: (when) => (when ? `We are closed now, and back ${when}.` : "We are closed now."),
  },
  untrue: {
    agents: "Everybody has just been taken.",
    hours: "We have just closed.",
    queue: "Many people are waiting just now.",
    gone: "This offer is over.",
  },

  check: {
    title: "Microphone and sound",
    intro:
      "We try your microphone before we call. Your browser will ask whether this page may use it: please allow it.",
    asking: "Your browser asks whether this page may use your microphone. Please allow it.",
    level: "Level of your microphone",
    waiting: "Say something: the bar should move.",
    speech: "We hear you.",
    silence: "We hear nothing yet. Is your microphone muted?",
    play: "Play a test sound",
    untested: "Three notes that you should hear.",
    playing: "Playing…",
    played: "No sound? Turn up the volume, or plug in your headset.",
  },
  microphone: {
    label: "Microphone",
    none: "none",
    choose: "Choose one",
    another: "another one",
    switched: "Your microphone was disconnected. You now use",
  },
  soundOn: "Turn on the sound",
  tryAgain: "Try again",
  tryingAgain: "Trying…",
  troubles,

  you: "You",
  ends: {
    ringing: "ringing…",
    connecting: "connecting…",
    there: "on the line",
    over: "call over",
    busy: "all busy",
    message: "takes your message",
    callback: "will call you back",
    cannot: "cannot answer",
    has_message: "has your message",
  },
  talkTime: (clock) => `Talk time ${clock}`,
  sinceClick: (clock) => `${clock} since your click`,
  soFar: "The call so far",
  hangUp: "Hang up",
  hangingUp: "Hanging up…",
  elsewhere: "This call continues in another tab.",
  lost: "The connection was lost. Reconnecting: your call goes on.",
  controls: "Call controls",
  mute: "Mute",
  muted: "You are muted: nobody can hear you.",
  keypad: "Keypad",
  keys: { label: "Keys", hint: "Press keys here, or type them", star: "star", hash: "hash" },
  volume: "Volume",
  quality: {
    good: "Good connection",
    fair: "Fair connection",
    poor: "Poor connection: some words may be lost",
    unknown: "Looking at the connection…",
    cut: "The sound is cut off. Connecting again, your call goes on…",
  },
  cancelCallback: "Cancel the callback",
  cancelling: "Cancelling…",
  keepLink: ["Keep", "this link", "to see or cancel your callback later."],

  push: {
    asks: (who) => `${capital(who)} would like to show you a page`,
    goesOn: "Your call goes on, and you can come back here.",
    open: "Open the page",
    stay: "No, stay here",
    shown: "This page was shown to you in your call.",
    region: "Shown to you",
    back: "Back to where you were",
    here: "Stay here",
  },

  store: "the store",
  named: (label) =>
    /\b(store|shop|centre|center|desk|team|office|branch|department)$/i.test(label) &&
    !/^(the|our)\b/i.test(label)
      ? `the ${label.replace(/^(Call|Store|Shop|Sales|Service)\b/, (word) => word.toLowerCase())}`
      : label,
  getting: "Getting your call ready…",
  rejoining: "Going back to your call…",
  connectingMicrophone: "Connecting your microphone…",
  phoneRings: "Your phone is ringing. Please pick up.",
  calling: "Calling you…",
  onTheLine: { phone: "You answered.", pc: "You are on the line." },
  greeting: "A short greeting first…",
  finding: "Finding somebody for you…",
  ringing: (who) => `Ringing ${who}…`,
  trying: (who) => `Trying ${who}…`,
  tryingOf: (who, attempt, attempts) => `Trying ${who} (${attempt} of ${attempts})…`,
  inLine: "Everybody is on a call. You are in line",
  next: "You are next in line",
  place: (position) => `You are number ${position} in line`,
  wait: (minutes) =>
    minutes < 1 ? "less than a minute" : minutes === 1 ? "about 1 minute" : `about ${minutes} minutes`,
  message: "Nobody can take your call now. Please leave your message after the tone, then hang up.",
  findingTime: "Finding a time to call you back…",
  willCallBack: "We will call you back.",
  willCallBackAt: (when) => `We will call you back ${when}.`,
  apology: "Nobody can take your call now. Please try again later.",
  connected: (who) => `Connected to ${who}.`,
  held: (who) => `${capital(who)} put you on hold.`,
  ended: (why) => `Ended: ${why}`,
  overWith: (who) => `your call with ${who} is over.`,
  messageTaken: "Your message has been taken.",
  endings: {
    bridged: "the call is over.",
    message_taken: "your message has been taken.",
    callback_booked: "we will call you back.",
    unanswered: "nobody could take your call just now.",
    shopper_unreachable: "we could not reach your phone.",
    refused: "this call is not possible.",
    cancelled: "you ended the call before anybody picked up.",
    failed: "something went wrong on our side. Please try again.",
    unknown: "the call is over.",
  },
  causes: {
    bridged: {
      cancelled: "you hung up.",
      time_limit: "the call reached its time limit.",
      media_timeout: "the line went dead.",
      worker_lost: "the line was cut off on our side. Please try again.",
    },
    shopper_unreachable: {
      ring_timeout: "you did not pick up.",
      no_answer: "you did not pick up.",
      busy: "your phone is busy.",
      declined: "you declined the call.",
      not_found: "there is no such number.",
      unreachable: "your phone could not be reached.",
    },
    failed: {
      congestion: "all our lines are busy. Please try again in a minute.",
      worker_lost: "the line was cut off on our side. Please try again.",
    },
  },
  unreachableByPc: {
    media_timeout: "your connection was lost.",
    declined: "your browser could not take the call.",
  },
  notConnected: "your browser could not be connected.",
  callbacks: {
    dialling: "We are calling you back.",
    done: "We have called you back.",
    cancelled: "Your callback is cancelled. We will not call you.",
    given_up: "We tried to call you back, but could not reach you.",
    unknown: "Your callback has changed. Open its page to see how it stands.",
  },
  problems: {
    number_invalid: "That does not look like a phone number in this country. Please check it.",
    number_short: "Emergency and short numbers cannot be called back. Please give your own number.",
    number_type_refused:
      "This kind of number cannot be called back. Please give a mobile or landline number.",
    country_refused: "We cannot call numbers in this country.",
    limit_number: "This number has requested several calls already. Please try again later.",
    out_of_capacity: "All our lines are busy. Please try again in a minute.",
    proof: "Your browser could not finish the security check. Please try again, or reload the page.",
    limit: "Too many calls were asked for. Please try again later.",
    draining: "The phone service is restarting. Please try again in a minute.",
    call_unknown: "This call is over.",
    server_unreachable: "The phone service cannot be reached. Check your connection and try again.",
  },
  problem: "That did not work. Please try again in a minute.",

  times: {
    soon: "in a moment",
    minutes: (minutes) => `in about ${minutes} minutes`,
    near: (day, clock) => `${day} at ${clock}`,
    on: (day, clock) => `on ${day} at ${clock}`,
  },
};

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
