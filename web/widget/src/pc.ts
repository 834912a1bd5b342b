/** What talking by PC needs besides: a file of its own, which comes when the shopper chooses that way. */

export { Microphone } from "@ringback/browser-leg";
export { PcLine } from "@ringback/call-client";
import "./call-controls";
import "./microphone-check";
