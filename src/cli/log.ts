// Logs go to standard error: lines for people on a terminal, JSON for collectors elsewhere.
import { destination, type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { Settings } from './arguments.js'

export function createLogger({ level, color }: Pick<Settings, 'level' | 'color'>): Logger {
  const colorize = color === 'always' || (color === 'auto' && process.stderr.isTTY && !process.env.NO_COLOR)
  const stream = process.stderr.isTTY
    ? pretty({
        colorize,
        ignore: 'pid,hostname',
        singleLine: true,
        translateTime: 'HH:MM:ss.l',
        destination: 2,
        sync: true,
      })
    : destination({ fd: 2, sync: true })
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
}
