/**
 * Records of RFC 4180 without a header, as `lxc image list -f csv` prints them: lines end in \n, and a field is quoted
 * when it holds a comma, a quote or a line end, or begins with white space. No records: nothing.
 */
export function renderCsv(records: readonly (readonly string[])[]): string {
  return records.map((fields) => `${fields.map(quoted).join(',')}\n`).join('')
}

function quoted(field: string): string {
  return /[",\r\n]|^\s|^\\\.$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
