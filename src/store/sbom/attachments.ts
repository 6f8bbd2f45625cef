import type { Attachment } from '../../formats/oci/attachment.ts'
import { cycloneDx } from './cyclonedx.ts'
import type { Described } from './purl.ts'
import { spdx } from './spdx.ts'

/** An SBOM in each form, as what can be attached to an image. `version`: of Ingot. */
export function sbomAttachments(
  described: Described,
  version: string,
): readonly [cycloneDx: Attachment, spdx: Attachment] {
  const attachment = (artifactType: string, document: object): Attachment => ({
    artifactType,
    content: Buffer.from(JSON.stringify(document)),
  })
  return [
    attachment('application/vnd.cyclonedx+json', cycloneDx(described, version)),
    attachment('application/spdx+json', spdx(described, version)),
  ]
}
