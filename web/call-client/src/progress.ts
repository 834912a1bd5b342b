/** Lines of a call's progress, from its WebSocket or from an answer over HTTP. */

import type { CallProgress, Progress } from "./messages";

/** On the WebSocket a line tells the server's time, too, and since when times are counted. */
export type ProgressLine = CallProgress & Partial<Pick<Progress, "now" | "started_at" | "bridged_at">>;
