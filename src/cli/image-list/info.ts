import { sizeText } from '../../image/size-text.ts'
import { infoTime, isGiven } from '../../image/time-text.ts'
import { visible } from '../../image/visible.ts'
import type { ImageRecord } from '../../store/catalog/image-record.ts'
import { formatText, yesNo } from './columns.ts'
import { imageProfiles, sortedByKey } from './image-object.ts'

const day = 86_400
const warnedBefore = 7 * day

/**
 * What `lxc image info` (LXD 5) prints of an image, with Ingot's `Format` line after the type, and a last line that
 * warns when the image has expired at `now` (seconds since the epoch) or will within 7 days. Properties are sorted by
 * name; what could steer a terminal is escaped.
 */
export function renderInfo(image: ImageRecord, now: number): string {
  const lines = [
    `Fingerprint: ${image.fingerprint}`,
    `Size: ${sizeText(image.size)}`,
    `Architecture: ${image.architecture}`,
    `Type: ${image.type}`,
    `Format: ${formatText(image)}`,
    `Public: ${yesNo(image.public)}`,
    'Timestamps:',
    ...timestamps(image),
    'Properties:',
    ...Object.entries(sortedByKey(image.properties)).map(([key, value]) => `    ${key}: ${value}`),
    'Aliases:',
    ...image.aliases.map(({ name, description }) => `    - ${name}${description === '' ? '' : ` (${description})`}`),
    `Cached: ${yesNo(image.cached)}`,
    `Auto update: ${image.autoUpdate ? 'enabled' : 'disabled'}`,
    ...source(image),
    'Profiles:',
    ...imageProfiles.map((name) => `    - ${name}`),
    ...expiryWarning(image, now),
  ]
  return `${lines.map(visible).join('\n')}\n`
}

function timestamps(image: ImageRecord): string[] {
  const orNever = (seconds: number | undefined) => (isGiven(seconds) ? infoTime(seconds) : 'never')
  return [
    ...(isGiven(image.createdAt) ? [`    Created: ${infoTime(image.createdAt)}`] : []),
    `    Uploaded: ${infoTime(image.uploadedAt)}`,
    `    Expires: ${orNever(image.expiresAt)}`,
    `    Last used: ${orNever(image.lastUsedAt)}`,
    ...(isGiven(image.replacedAt) ? [`    Replaced: ${infoTime(image.replacedAt)}`] : []),
  ]
}

function source({ source }: ImageRecord): string[] {
  if (source === undefined) return []
  const { server, protocol, alias } = source
  return ['Source:', `    Server: ${server}`, `    Protocol: ${protocol}`, `    Alias: ${alias}`]
}

function expiryWarning({ expiresAt }: ImageRecord, now: number): string[] {
  if (!isGiven(expiresAt) || expiresAt - now > warnedBefore) return []
  const left = expiresAt - now
  const days = Math.floor(Math.abs(left) / day)
  const span = days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`
  return [`Warning: this image ${left > 0 ? `expires in ${span}` : `expired ${span} ago`} (${infoTime(expiresAt)})`]
}
