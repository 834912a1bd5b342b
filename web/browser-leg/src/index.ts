/**
 * One leg of a call in a browser: the shopper's by PC, or an agent's. No dependencies, no look of its own.
 *
 *     const microphone = new Microphone();
 *     microphone.on("level", (level) => …);      // 0..1, twenty times a second
 *     microphone.on("problem", (problem) => …);  // it was unplugged, for instance
 *     await microphone.open();                   // throws LegProblem: problem.kind, .words, .remedy
 *     await playTestSound();                     // "do you hear this?"
 *
 *     const leg = new BrowserLeg({
 *       leg: ring.leg, iceServers: ring.ice_servers, microphone,
 *       send: (message) => socket.say(message),  // false: there is no socket right now
 *     });
 *     leg.on("state", (state) => …);             // connecting, connected, reconnecting, ended
 *     leg.on("problem", (problem) => …);         // no_path (ended), sound_blocked (call leg.unblock() in a click)
 *     leg.on("quality", ({ grade }) => …);       // good, fair, poor; every two seconds
 *     leg.on("level", (level) => …);             // of what is heard, 0..1
 *     leg.connect();                             // offers: the leg is taken; goes on through loss by itself
 *     leg.receive(message);                      // whatever the server says with this leg's name, `ring` too
 *     leg.muted = true; leg.volume = 0.5; leg.dtmf("5"); leg.hangUp();
 *     microphone.close();                        // the microphone is yours: close it when no leg needs it
 *
 * When the WebSocket was lost and comes back, the server says `ring` with `under_way`: give it to `receive` as any
 * other message. After a reload of the page make a new BrowserLeg for that `ring`; {@link ReloadMemory} tells
 * whether this tab had the leg. `readMessage(LEG_MESSAGES, json)` reads what the server says. The states of a leg:
 *
 *     idle → connecting → connected ⇄ reconnecting → ended (from anywhere; `leg.cause` says why)
 */

export * from "./addresses";
export * from "./browser-leg";
export * from "./clock";
export * from "./events";
export type { LegWorld } from "./leg-world";
export * from "./level";
export * from "./messages";
export * from "./microphone";
export * from "./problem";
export * from "./quality";
export { parseJson, readMessage } from "./shapes";
export * from "./reload";
export * from "./retries";
export * from "./socket";
export * from "./sounds";
export * from "./words";
