// JSON pointers (RFC 6901): how validators say where in a value something is.

/** `/spec/a~1b` → `spec`, `a/b`: `~1` is a slash, `~0` a tilde (section 4). */
export function segmentsOf(pointer: string): string[] {
  const [, ...segments] = pointer.split('/')
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function pointerTo(parent: string, segment: string | number): string {
  return `${parent}/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
