/** Where the word beside a marked element stands: where it covers nothing of the element and of the texts about it. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Spot {
  readonly left: number;
  readonly top: number;
}

/** Px between the word and what is beside it. */
const GAP = 6;

const right = (box: Box): number => box.left + box.width;
const bottom = (box: Box): number => box.top + box.height;

function meets(one: Box, other: Box): boolean {
  return (
    one.left < right(other) && other.left < right(one) && one.top < bottom(other) && other.top < bottom(one)
  );
}

/**
 * Below, above, at either side, or below or above all texts about it: the first place in the window that is free. Where there is
 * none, below, or above what stands at the window's lower edge.
 */
export function labelPlace(
  marked: Box,
  size: Pick<Box, "width" | "height">,
  texts: readonly Box[],
  view: Pick<Box, "width" | "height">,
  rightToLeft: boolean,
): Spot {
  const { height, width } = size;
  const start = rightToLeft ? right(marked) - width : marked.left;
  const middle = marked.top + (marked.height - height) / 2;
  const before = { left: marked.left - width - GAP, top: middle };
  const after = { left: right(marked) + GAP, top: middle };
  const all = [marked, ...texts];
  const below = { left: start, top: bottom(marked) + GAP };
  const above = { left: start, top: marked.top - height - GAP };
  const spots = [
    below,
    above,
    ...(rightToLeft ? [before, after] : [after, before]),
    { left: start, top: Math.max(...all.map(bottom)) + GAP },
    { left: start, top: Math.min(...all.map(({ top }) => top)) - height - GAP },
  ];
  const free = spots.find((spot) => {
    const word = { ...spot, height, width };
    const isSeen =
      word.left >= 0 && word.top >= 0 && right(word) <= view.width && bottom(word) <= view.height;
    return isSeen && !all.some((each) => meets(word, each));
  });
  if (free) return free;
  return below.top + height > view.height && above.top >= 0 ? above : below;
}

/** The texts about a field: its labels, what describes it, its error, and what stands directly before and after it. */
export function textsAbout(element: Element): readonly Element[] {
  const ids = `${element.getAttribute("aria-describedby")} ${element.getAttribute("aria-errormessage")}`;
  const root = element.getRootNode() as Document | ShadowRoot;
  return [
    ...ids.split(" ").map((id) => root.getElementById(id)),
    ...((element as Partial<HTMLInputElement>).labels ?? []),
    // Many shops put a field into its label, or into a box of its own, and the error after that.
    ...[element, element.parentElement].flatMap((at) => [at?.previousElementSibling, at?.nextElementSibling]),
  ].filter((each): each is Element => !!each?.textContent?.trim() && !each.contains(element));
}
