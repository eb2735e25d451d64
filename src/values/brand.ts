declare const brand: unique symbol

/** A plain value that has been checked at the border: `Mac` is a string, but not every string is a `Mac`. */
export type Branded<T, Name extends string> = T & { readonly [brand]: Name }
