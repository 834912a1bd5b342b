/** The shopper's side of Ringback's HTTP API: ask for a call, follow it, put it in words. */

export * from "./call-proof";
export * from "./callback";
export * from "./calls";
export * from "./follow";
export * from "./memory";
export * from "./messages";
export * from "./page-push";
export * from "./pc-line";
export * from "./problem";
export * from "./progress";
export * from "./proof-of-work";
export * from "./view";
