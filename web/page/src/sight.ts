/** How long this page has been in sight (`clock.ts`). */

import { startClock, tick } from "./clock";

let clock = startClock(performance.now());
let viewBegan = 0;

export const inSight = (): boolean => document.visibilityState === "visible";

/** Milliseconds since the page was loaded. */
export const msLoaded = (): number => (clock = tick(clock, performance.now(), inSight())).ms;

/** Milliseconds of this view; a shop may go on to another one without loading a page. */
export const ms = (): number => msLoaded() - viewBegan;

export const beginView = (): void => void (viewBegan = msLoaded());
