import { Refused } from './api';

/**
 * What is asked of the server for as long as a component is there. While something new is on its way, what was there before stays,
 * so that nothing jumps.
 */
export class Asked<T> {
	data = $state.raw<T | undefined>(undefined);
	error = $state<Refused | undefined>(undefined);
	loading = $state(true);

	constructor(ask: () => Promise<T> | undefined) {
		$effect(() => {
			let current = true;
			const answer = ask();
			if (!answer) {
				this.loading = false;
				return;
			}
			this.loading = true;
			answer.then(
				(data) => {
					if (!current) return;
					[this.data, this.error, this.loading] = [data, undefined, false];
				},
				(error: unknown) => {
					if (!current || (error instanceof DOMException && error.name === 'AbortError')) return;
					this.error = error instanceof Refused ? error : new Refused(0, '', error instanceof Error ? error.message : String(error));
					this.loading = false;
				},
			);
			return () => (current = false);
		});
	}
}
