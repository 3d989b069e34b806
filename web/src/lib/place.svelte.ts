/** Where one is: everything that a page shows follows from its address, so that every state is a link and Back works. */

class Place {
	path = $state('/');
	query = $state(new URLSearchParams());
	hash = $state('');

	constructor() {
		if (typeof location === 'undefined') return;
		this.read();
		addEventListener('popstate', () => this.read());
		addEventListener('hashchange', () => this.read());
	}

	private read() {
		this.path = location.pathname;
		this.query = new URLSearchParams(location.search);
		this.hash = decodeURIComponent(location.hash.slice(1));
	}

	/** The parts of the path, decoded. */
	get parts(): string[] {
		return this.path.split('/').filter(Boolean).map(decodeURIComponent);
	}

	get(name: string): string {
		return this.query.get(name) ?? '';
	}

	/** Goes to an address of this site. `replace`: the address before is not one to come back to. */
	go(to: string, { replace = false, keep = false } = {}) {
		if (replace) history.replaceState(null, '', to);
		else history.pushState(null, '', to);
		const before = this.path;
		this.read();
		if (!keep && before !== this.path) scrollTo(0, 0);
	}

	/** The address with some parameters set; what is empty leaves it. */
	with(parameters: Record<string, string | null | undefined>): string {
		const query = new URLSearchParams(this.query);
		for (const [name, value] of Object.entries(parameters)) {
			if (value) query.set(name, value);
			else query.delete(name);
		}
		const text = query.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/');
		return this.path + (text ? `?${text}` : '');
	}

	set(parameters: Record<string, string | null | undefined>, options: { replace?: boolean } = {}) {
		this.go(this.with(parameters), { ...options, keep: true });
	}

	/** An address that keeps from where things are looked at: the day, and whose word is taken. */
	to(path: string, parameters: Record<string, string | null | undefined> = {}): string {
		const query = new URLSearchParams();
		for (const name of ['asof', 'knownby', 'by']) if (this.query.get(name)) query.set(name, this.query.get(name) as string);
		for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
		const text = query.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/');
		const [before, hash] = path.split('#');
		return before + (text ? `?${text}` : '') + (hash ? `#${hash}` : '');
	}

	/** From where things are looked at, as the server is asked. */
	get from(): Record<string, string> {
		return { as_of: this.get('asof'), known_by: this.get('knownby'), according_to: this.get('by') };
	}
}

export const place = new Place();

/** Follows links of this site without loading the page again. */
export function follow(event: MouseEvent) {
	if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
	const link = (event.target as Element | null)?.closest?.('a');
	const to = link?.getAttribute('href');
	if (!link || !to?.startsWith('/') || to.startsWith('/api/') || link.target || link.hasAttribute('download')) return;
	event.preventDefault();
	place.go(to);
}
