// How text looks on a terminal. The signs in it carry the meaning; colour repeats it.

export type Paint = (style: 'green' | 'yellow' | 'red' | 'bold' | 'dim', text: string) => string

export const NO_PAINT: Paint = (_, text) => text
