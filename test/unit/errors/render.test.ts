import { describe, expect, test } from '@jest/globals'
import { ReconcileError, type SourcePosition } from '../../../src/errors/error.js'
import { renderError, renderPosition } from '../../../src/errors/render.js'

const at = (line: number, column: number, length: number): SourcePosition => ({
  file: 'ports.yaml',
  line,
  column,
  length,
})

function render(error: ReconcileError, text: string): string[] {
  return renderError(error, (file) => (file === 'ports.yaml' ? text : undefined)).split('\n')
}

test('a position is file, line and column', () => {
  expect(renderPosition(at(14, 12, 3))).toBe('ports.yaml:14:12')
})

test('an error shows where, what, the line with a mark under it, and what to do', () => {
  const text = 'kind: Port\nspec:\n  network: net1\n  host: nodea\n  interface: tap0\n'
  const error = new ReconcileError(
    'UNRESOLVED_REFERENCE',
    'port "vm1" refers to node "nodea", which is not there.',
    {
      at: at(4, 9, 5),
      remedy: 'Did you mean "node-a"?',
    },
  )
  expect(render(error, text)).toEqual([
    'ports.yaml:4:9  UNRESOLVED_REFERENCE',
    '  port "vm1" refers to node "nodea", which is not there.',
    '      3 |   network: net1',
    '    > 4 |   host: nodea',
    '        |         ^^^^^',
    '      5 |   interface: tap0',
    '  Did you mean "node-a"?',
  ])
})

test('both places of a duplicate are shown', () => {
  const error = new ReconcileError('DUPLICATE_NAME', 'There are two.', {
    at: at(3, 7, 1),
    related: [{ label: 'first defined here', at: at(1, 7, 1) }],
    remedy: 'Rename one.',
  })
  expect(render(error, 'name: a\n---\nname: a')).toEqual([
    'ports.yaml:3:7  DUPLICATE_NAME',
    '  There are two.',
    '      2 | ---',
    '    > 3 | name: a',
    '        |       ^',
    '  first defined here: ports.yaml:1:7',
    '    > 1 | name: a',
    '        |       ^',
    '      2 | ---',
    '  Rename one.',
  ])
})

test('without text, place or remedy there are just the lines that can be said', () => {
  expect(renderError(new ReconcileError('PATH_UNREADABLE', 'Cannot read "x".'))).toBe(
    'PATH_UNREADABLE\n  Cannot read "x".',
  )
  const placed = new ReconcileError('NOT_UTF8', 'Not text.', { at: { ...at(1, 1, 1), file: 'other.yaml' } })
  expect(render(placed, 'text')).toEqual(['other.yaml:1:1  NOT_UTF8', '  Not text.'])
})

describe('the mark stands under its text', () => {
  function markOf(text: string, position: SourcePosition): [line: string, mark: string] {
    const lines = render(new ReconcileError('WRONG_VALUE', 'm', { at: position }), text)
    const index = lines.findIndex((line) => line.startsWith('    >'))
    return [lines[index]!, lines[index + 1]!]
  }

  test.each([
    ['after a tab', 'a:\n\t- b', at(2, 4, 1)],
    [
      'after a lone carriage return and a line separator in the lines above',
      'a\rb\u2028c\n  d: e',
      at(2, 6, 1),
    ],
    ['with CRLF line ends', 'a: 1\r\nb: 2\r\n', at(2, 4, 1)],
    ['at the end of the file', 'a: [\n', at(2, 1, 1)],
    ['in a line of thousands of characters', `${'x: 1, '.repeat(2000)}y`, at(1, 9001, 1)],
    ['at the edge of what is shown', `${'x'.repeat(119)}yzzzzzzz`, at(1, 120, 5)],
    ['just beyond it', `${'x'.repeat(120)}yzzzzzzz`, at(1, 121, 5)],
    ['with a length beyond the line', 'ab: cd', at(1, 5, 9999)],
    ['in line 1000', `${'\n'.repeat(999)}name: a`, at(1000, 7, 1)],
  ])('%s', (_, text, position) => {
    const [line, mark] = markOf(text, position)
    const lineText = text.split(/\r?\n/)[position.line - 1]!
    expect(mark).toMatch(/^ +\|[ \t]*\^+$/)
    expect(mark.indexOf('|')).toBe(line.indexOf('|'))
    expect(line.charAt(mark.indexOf('^'))).toBe(lineText.charAt(position.column - 1))
    expect(line).toContain(`> ${position.line} |`)
    expect(Math.max(line.length, mark.length)).toBeLessThan(150)
  })
})

test('characters that would act on the terminal are shown as one sign each', () => {
  const error = new ReconcileError('WRONG_VALUE', 'a\u001b[31mb\r\u202ec', {
    at: at(1, 1, 1),
    remedy: 'd\u0007\n',
  })
  const text = renderError(error, () => 'name: \u001b[2J\u0000x')
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  expect(text).toContain('a\ufffd[31mb\ufffd\ufffdc')
  expect(text).toContain('name: \ufffd[2J\ufffdx')
})
