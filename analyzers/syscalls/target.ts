/** What a system call was about, as far as its recorded arguments tell. */
export type Target =
  | {
      readonly kind: 'path';
      /** Absolute where it was, or where what it is relative to is known. */
      readonly path: string;
    }
  | { readonly kind: 'pid'; readonly pid: number }
  | { readonly kind: 'inet'; readonly address: string; readonly port: number }
  /** LTTng does not record the name; its length follows from `addrlen`. */
  | {
      readonly kind: 'unix';
      readonly length: number | undefined;
      /** Descriptor of the socket that is to reach it. */
      readonly fd: number | undefined;
    }
  | { readonly kind: 'key'; readonly key: number; readonly creates: boolean }
  | { readonly kind: 'queue'; readonly name: string }
  /** Anything else: the operation or the resource that the call names. */
  | { readonly kind: 'other'; readonly text: string };

/** The object as one sees it in the table; undefined where the arguments tell nothing. */
export function objectOf(target: Target | undefined): string | undefined {
  switch (target?.kind) {
    case undefined:
      return undefined;
    case 'path':
      return target.path;
    case 'pid':
      return `pid ${target.pid}`;
    case 'inet':
      return target.address.includes(':')
        ? `[${target.address}]:${target.port}`
        : `${target.address}:${target.port}`;
    case 'unix':
      return target.length === undefined ? 'unix socket' : `unix socket, name of ${target.length} bytes`;
    case 'key':
      return `key 0x${(target.key >>> 0).toString(16)}`;
    case 'queue':
      return target.name.startsWith('/') ? target.name : `/${target.name}`;
    case 'other':
      return target.text;
  }
}
