/** Nodes that somebody put elsewhere: `12:340:80,15:10:20` in an address, by number, with the corner of the box. */

export type Box = [number, number, number, number];
type Point = [number, number];

export function readPins(text: string): Map<string, Point> {
	const all = new Map<string, Point>();
	for (const one of text.split(',')) {
		const [id, x, y] = one.split(':');
		if (id && x && y && Number.isFinite(Number(x)) && Number.isFinite(Number(y))) all.set(id, [Number(x), Number(y)]);
	}
	return all;
}

export function writePins(pins: ReadonlyMap<string, Point>): string {
	return [...pins].map(([id, [x, y]]) => `${id}:${Math.round(x)}:${Math.round(y)}`).join(',');
}

/** Where the line from the middle of a box towards a point leaves the box. */
export function edge([x, y, width, height]: Box, [toX, toY]: Point): Point {
	const [midX, midY] = [x + width / 2, y + height / 2];
	const [dx, dy] = [toX - midX, toY - midY];
	if (!dx && !dy) return [midX, midY];
	const by = Math.min(dx ? width / 2 / Math.abs(dx) : Infinity, dy ? height / 2 / Math.abs(dy) : Infinity);
	return [midX + dx * by, midY + dy * by];
}

/** A straight line between two boxes, from edge to edge. */
export function line(from: Box, to: Box): Point[] {
	const middle = ([x, y, width, height]: Box): Point => [x + width / 2, y + height / 2];
	return [edge(from, middle(to)), edge(to, middle(from))];
}
