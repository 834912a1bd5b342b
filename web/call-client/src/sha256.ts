/** SHA-256 (FIPS 180-4) for one purpose: which number after a prefix has this digest. */

/** Bytes of a block. */
const BLOCK = 64;

// The first 32 bits of the fractions of roots of primes (sections 4.2.2 and 5.3.3).
const START = new Int32Array(8);
const ROUNDS = new Int32Array(64);
for (let prime = 2, found = 0; found < 64; prime += 1) {
  let factor = 2;
  while (factor * factor <= prime && prime % factor !== 0) factor += 1;
  if (factor * factor <= prime) continue;
  if (found < 8) START[found] = fraction(Math.sqrt(prime));
  ROUNDS[found] = fraction(Math.cbrt(prime));
  found += 1;
}

function fraction(root: number): number {
  return ((root % 1) * 2 ** 32) | 0;
}

/** Numbers after a prefix, one digest each. WebCrypto answers each digest by a promise, which takes longer. */
export class DigestSearch {
  private readonly block = new Uint8Array(2 * BLOCK);
  private readonly words = new Int32Array(64);
  private readonly state = new Int32Array(8);
  /** The state after the whole blocks of the prefix. */
  private readonly begun = new Int32Array(START);
  /** Bytes of the prefix, and those of them that its last block has. */
  private readonly length: number;
  private readonly tail: number;
  private readonly target = new Int32Array(8);

  /** `prefix` in ASCII; `digest` in hexadecimal. */
  constructor(prefix: string, digest: string) {
    for (let word = 0; word < 8; word += 1) {
      this.target[word] = parseInt(digest.slice(word * 8, word * 8 + 8), 16);
    }
    this.length = prefix.length;
    this.tail = this.length % BLOCK;
    for (let at = 0; at < this.length; at += 1) {
      this.block[at % BLOCK] = prefix.charCodeAt(at);
      if (at % BLOCK === BLOCK - 1) this.compress(this.begun, 0);
    }
  }

  /** The number from `first` up to `last` that has the digest; -1 where none has. */
  among(first: number, last: number): number {
    for (let number = first; number <= last; number += 1) {
      if (this.has(number)) return number;
    }
    return -1;
  }

  private has(number: number): boolean {
    const { block, state, tail, target } = this;
    let digits = 1;
    for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
    let end = tail + digits;
    for (let at = end - 1, rest = number; at >= tail; at -= 1, rest = Math.floor(rest / 10)) {
      block[at] = 48 + (rest % 10);
    }
    const bits = (this.length + digits) * 8;
    const blocks = end + 9 <= BLOCK ? 1 : 2;
    block[end] = 0x80;
    for (end += 1; end < blocks * BLOCK; end += 1) block[end] = 0;
    for (let byte = 1; byte <= 4; byte += 1) block[blocks * BLOCK - byte] = bits >>> ((byte - 1) * 8);
    state.set(this.begun);
    for (let each = 0; each < blocks; each += 1) this.compress(state, each * BLOCK);
    for (let word = 0; word < 8; word += 1) if (state[word] !== target[word]) return false;
    return true;
  }

  /** One block into a state (section 6.2.2). */
  private compress(state: Int32Array, from: number): void {
    const { block, words } = this;
    for (let t = 0; t < 16; t += 1) {
      const at = from + t * 4;
      words[t] =
        ((block[at] as number) << 24) |
        ((block[at + 1] as number) << 16) |
        ((block[at + 2] as number) << 8) |
        (block[at + 3] as number);
    }
    for (let t = 16; t < 64; t += 1) {
      const early = words[t - 15] as number;
      const late = words[t - 2] as number;
      const small0 = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3);
      const small1 = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10);
      words[t] = ((words[t - 16] as number) + small0 + (words[t - 7] as number) + small1) | 0;
    }
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    let e = state[4] as number;
    let f = state[5] as number;
    let g = state[6] as number;
    let h = state[7] as number;
    for (let t = 0; t < 64; t += 1) {
      const big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + big1 + ((e & f) ^ (~e & g)) + (ROUNDS[t] as number) + (words[t] as number)) | 0;
      const big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    state[0] = ((state[0] as number) + a) | 0;
    state[1] = ((state[1] as number) + b) | 0;
    state[2] = ((state[2] as number) + c) | 0;
    state[3] = ((state[3] as number) + d) | 0;
    state[4] = ((state[4] as number) + e) | 0;
    state[5] = ((state[5] as number) + f) | 0;
    state[6] = ((state[6] as number) + g) | 0;
    state[7] = ((state[7] as number) + h) | 0;
  }
}
