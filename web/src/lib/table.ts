/** Rows in the order of a column: `date` upwards, `-date` downwards; what is empty comes last; equal ones stay as they were. */
export function sortedBy<T>(rows: readonly T[], sort: string, value: (row: T, key: string) => unknown): T[] {
	if (!sort) return [...rows];
	const down = sort.startsWith('-');
	const key = down ? sort.slice(1) : sort;
	return [...rows].sort((a, b) => {
		const [left, right] = [value(a, key), value(b, key)];
		const [none, other] = [isEmpty(left), isEmpty(right)];
		if (none || other) return Number(none) - Number(other);
		return down ? compare(right, left) : compare(left, right);
	});
}

function isEmpty(value: unknown): boolean {
	return value === null || value === undefined || value === '';
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** Numbers by value, texts as people order them, numbers before texts. */
export function compare(a: unknown, b: unknown): number {
	if (typeof a === 'number' && typeof b === 'number') return a - b;
	if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
	if (typeof a === 'number') return -1;
	if (typeof b === 'number') return 1;
	return collator.compare(String(a), String(b));
}

/** The sort after a click on a column: upwards, downwards, as it was. */
export function nextSort(sort: string, key: string): string {
	if (sort === key) return `-${key}`;
	return sort === `-${key}` ? '' : key;
}
