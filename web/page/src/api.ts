/**
 * What the shop's own code says and hears: `ringback.set(…)`, or `ringback("set", …)`, which a queue takes before the
 * loader is there. A mistake in a call is told in the console, and harms nothing else.
 */

type Listener = (detail: unknown) => unknown;
// Each command checks what it is given: the shop's code is no TypeScript.
export type Commands = Record<string, (...about: any[]) => unknown>;

const listeners: Record<string, Listener[]> = {};
let ready: unknown;

/** Tells the shop's listeners, and what they answer. Who listens for `ready` too late hears the last one. */
export function emit(name: string, detail: unknown): unknown[] {
  if (name === "ready") ready = detail;
  const answers = [];
  for (const each of listeners[name] ?? []) answers.push(guarded(() => each(detail)));
  return answers;
}

function guarded(what: () => unknown): unknown {
  try {
    return what();
  } catch (problem) {
    console.error("ringback:", problem);
    return undefined;
  }
}

/** Puts `window.ringback` in place of the queue, and does what was asked before. */
export function startApi(commands: Commands): void {
  const page = window as { ringback?: unknown };
  const had = page.ringback;
  commands["on"] = (name: string, listener: Listener) => {
    (listeners[name] ??= []).push(listener);
    if (name === "ready" && ready) listener(ready);
  };
  const call = (name: string, ...about: unknown[]) => guarded(() => commands[name]!(...about));
  for (const name of Object.keys(commands))
    (call as unknown as Commands)[name] = (...about) => call(name, ...about);
  page.ringback = call;
  for (const [name, ...about] of (had as { q?: Iterable<Iterable<unknown>> } | undefined)?.q ?? [])
    call(name as string, ...about);
}
