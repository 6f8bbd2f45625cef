// `node scripts/picture.ts < terminal.txt > docs/quickstart.svg`: a picture of what a terminal showed, for the README.
import { text } from 'node:stream/consumers'
import { displayWidth } from '../src/image/display-width.ts'

const lines = (await text(process.stdin)).trimEnd().split('\n')
const lineHeight = 19
const charWidth = 7.83
const width = Math.ceil(Math.max(...lines.map(displayWidth)) * charWidth) + 40
const height = lines.length * lineHeight + 62

const escaped = (line: string) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function colour(line: string): string {
  if (line.startsWith('$ ')) return '#7ee787'
  if (/^(FORMAT|Take it with)/.test(line)) return '#79c0ff'
  if (line.startsWith('warning:')) return '#e3b341'
  return '#e6edf3'
}

const rows = lines.map(
  (line, i) =>
    `<text x="20" y="${56 + i * lineHeight}" fill="${colour(line)}" xml:space="preserve">${escaped(line)}</text>`,
)
const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
  (fill, i) => `<circle cx="${22 + i * 20}" cy="20" r="6" fill="${fill}"/>`,
)
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>npm run quickstart: a Debian image in five formats</title>
<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>
${dots.join('\n')}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">
${rows.join('\n')}
</g>
</svg>
`)
