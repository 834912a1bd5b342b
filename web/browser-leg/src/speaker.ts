/** Where the other side is heard. */

export class Speaker {
  private readonly element = new Audio();

  /** Play this stream, or try again to play what there is; false: the browser wants a click first. */
  async play(stream?: MediaStream): Promise<boolean> {
    if (stream) this.element.srcObject = stream;
    try {
      await this.element.play();
      return true;
    } catch (error) {
      // Another stream came meanwhile, or the leg ended: nothing is blocked.
      return !(error instanceof DOMException && error.name === "NotAllowedError");
    }
  }

  stop(): void {
    this.element.pause();
    this.element.srcObject = null;
  }

  /** 0 to 1. iOS leaves the volume to the keys of the device, and ignores this. */
  get volume(): number {
    return this.element.volume;
  }

  set volume(volume: number) {
    this.element.volume = Math.min(1, Math.max(0, volume));
  }
}
