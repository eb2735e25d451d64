// Colour on a stream, as asked for.
import { styleText } from 'node:util'
import { NO_PAINT, type Paint } from '../plan/paint.js'
import type { Color } from './options.js'

/** `auto` leaves it to the terminal, NO_COLOR and FORCE_COLOR. */
export function painter(color: Color, stream: NodeJS.WriteStream): Paint {
  if (color === 'never') return NO_PAINT
  return (style, text) => styleText(style, text, { stream, validateStream: color === 'auto' })
}
