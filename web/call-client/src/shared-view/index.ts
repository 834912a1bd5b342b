/** The shopper's side of shared views (co-browse): what needs no look and no page; docs/co-browse.md. */

export * from "./first-filter";
export * from "./judging";
export * from "./kept-view";
export * from "./live-view";
export * from "./messages";
export * from "./pace";
export * from "./pieces";
export * from "./private-fields";
export * from "./scopes";
export * from "./view-state";
