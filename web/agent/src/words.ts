/** What the page says in words. */

import type { ApiProblem } from "./agent-api";

/** Minutes and seconds, or hours too: 0:07, 12:30, 1:02:03. */
export function clockWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function waitWords(seconds: number): string {
  if (seconds < 90) return `in ${Math.ceil(seconds)} seconds`;
  return `in ${Math.ceil(seconds / 60)} minutes`;
}

/** Why one could not log in, and what to do. */
export function loginWords(problem: ApiProblem): string {
  switch (problem.id) {
    case "login_refused":
      return "Name or password is wrong. Mind capital letters; whoever runs Ringback can give you a new password.";
    case "limit_login":
      return `Too many tries. Please try again ${waitWords(problem.retryAfter ?? 900)}.`;
    case "server_unreachable":
      return "The server cannot be reached. Check your connection, and try again.";
    case "origin_refused":
      return "The server does not know this address as its own. Open the page at the address that it is meant to have, or ask whoever runs Ringback to correct server.public_url.";
    case "validation_failed":
      return "That is no name of an agent. Names have small letters, digits and - _ only.";
    default:
      return problem.message || "The server could not log you in. Please try again in a moment.";
  }
}

/** What became of a call that was not talked on here, or whose talk is over. */
export function outcomeWords(cause: string, talked: boolean): string {
  if (talked) {
    switch (cause) {
      case "hung_up":
        return "You hung up";
      case "answered_elsewhere":
        return "Went on in another tab";
      case "media_timeout":
      case "worker_lost":
      case "lost":
      case "failed":
        return "The connection was lost";
      case "no_path":
        return "Your network let no audio through";
      case "time_limit":
        return "Reached the longest time for a call";
      default:
        return "The caller hung up";
    }
  }
  switch (cause) {
    case "declined":
      return "You declined";
    case "answered_elsewhere":
      return "Answered elsewhere";
    case "no_answer":
    case "ring_timeout":
      return "Missed: rang too long";
    case "no_path":
      return "Your network let no audio through";
    case "no_microphone":
      return "No microphone";
    case "hung_up":
      return "You hung up";
    case "unsupported":
    case "failed":
    case "worker_lost":
    case "media_timeout":
      return "Could not be connected";
    default:
      return "The caller gave up";
  }
}

/** A page's address without what nobody reads. */
export function pageWords(address: string): string {
  try {
    const { host, pathname } = new URL(address);
    return pathname === "/" ? host : host + decodeURI(pathname);
  } catch {
    return address;
  }
}

/** The address as a link's; null for what a browser must not open. */
export function pageLink(address: string): string | null {
  return /^https?:\/\//i.test(address) ? address : null;
}

/** "cart_total" as people write it. */
export function keyWords(key: string): string {
  const words = key
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
