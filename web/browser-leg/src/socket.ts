/** What of a WebSocket the pages use; tests put something else in its place. */

export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  /** 1 while something can be sent. */
  readonly readyState: number;
  send(text: string): void;
  close(): void;
}

export type OpenSocket = (url: string, protocols: string[]) => Socket;

export const openWebSocket: OpenSocket = (url, protocols) => new WebSocket(url, protocols) as Socket;
