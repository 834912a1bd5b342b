/** What the tabs of a shop agree on, by locks: they end with the tab that holds them. Insecure pages have none. */

/** Hold a lock until what this gives is called; null: another tab holds it. */
export async function hold(name: string): Promise<(() => void) | null> {
  const { locks } = navigator;
  if (!locks) return () => undefined;
  return new Promise((resolve) => {
    void locks.request(name, { ifAvailable: true }, (lock) =>
      lock ? new Promise<void>(resolve) : resolve(null),
    );
  });
}

let leave: (() => void) | undefined;

/** Share a lock, or no longer: each tab with a call or chat does. */
export function share(name: string, truth: boolean): void {
  leave?.();
  leave = undefined;
  if (truth)
    void navigator.locks?.request(name, { mode: "shared" }, () => new Promise<void>((end) => (leave = end)));
}

/** Whether any tab holds a lock. */
export async function isHeld(name: string): Promise<boolean> {
  for (const lock of (await navigator.locks?.query())?.held ?? []) if (lock.name === name) return true;
  return false;
}
