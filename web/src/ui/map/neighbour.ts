const STEPS: Record<string, readonly [x: number, y: number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** How much further away a place seems that lies aside. */
const ASIDE = 2;

function middle(place: SVGGraphicsElement): [x: number, y: number] {
  const { x, y, width, height } = place.getBBox();
  return [x + width / 2, y + height / 2];
}

/** The place on the map to which an arrow leads from `here`: a near one, and rather straight on. */
export function neighbour(here: Element, key: string): SVGGraphicsElement | undefined {
  const step = STEPS[key];
  if (!step || !(here instanceof SVGGraphicsElement)) return undefined;
  const [x, y] = middle(here);
  let found: SVGGraphicsElement | undefined;
  let least = Infinity;
  for (const place of here.ownerSVGElement?.querySelectorAll('path') ?? []) {
    const [px, py] = middle(place);
    const ahead = (px - x) * step[0] + (py - y) * step[1];
    const far = ahead + ASIDE * Math.abs((px - x) * step[1] + (py - y) * step[0]);
    if (ahead <= 0 || far >= least) continue;
    found = place;
    least = far;
  }
  return found;
}
