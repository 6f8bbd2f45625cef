import { stringify } from 'yaml'
import { formatRecipe } from './format.ts'

/** What a new recipe is to say. */
export interface StarterAnswers {
  readonly name: string
  /** A base in its short form. */
  readonly from: string
  /** Whether it is to boot, as a container of LXD or Proxmox VE does: Debian's packages and settings for that. */
  readonly system: boolean
  readonly packages: readonly string[]
  /** Login name of somebody who may become root; '' for nobody. */
  readonly user: string
  readonly outputs: readonly string[]
}

const systemPackages = ['systemd-sysv', 'dbus', 'libpam-systemd', 'openssh-server']
const networkPackages = ['ifupdown', 'isc-dhcp-client', 'iproute2', 'netbase']

/** The text of a recipe to begin with. Whether the answers are good is for parseRecipe to say. */
export function starterRecipe(answers: StarterAnswers): string {
  const { name, from, system, user, outputs } = answers
  const packages = new Set([
    ...(system ? [...systemPackages, ...networkPackages] : []),
    ...(user ? ['sudo'] : []),
    ...answers.packages,
  ])
  const steps = [
    ...(packages.size > 0 ? [`- packages: ${flow([...packages])}`] : []),
    ...(system ? [systemSteps] : []),
    ...(user ? [userSteps(user)] : []),
  ]
  const tests = testsOf(answers)
  const text = `# docs/recipes.md says what a recipe may have, \`ingot recipe check\` whether this one is right.
name: ${flow(name)}
from: ${flow(from)}
${steps.length > 0 ? `\n# Done in order; \`ingot plan\` says which of them a build would do.\nsteps:\n${indent(steps.join('\n'))}\n` : ''}${tests.length > 0 ? `\n# What must be true before anybody gets the image.\ntests:\n${indent(tests.join('\n'))}\n` : ''}
# What \`ingot build -o FOLDER\` writes; the store keeps the image in any case.
outputs: ${flow(outputs)}
`
  return formatRecipe(text, name)
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trimEnd()
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

const systemSteps = `# DHCP on eth0 where there is one: that is what the slash means.
- write:
    path: /etc/network/interfaces
    content: |
      auto lo
      iface lo inet loopback

      auto /eth0
      iface eth0 inet dhcp
# The network is ifupdown's: a second manager would wait for links that it does not see.
- write:
    path: /etc/systemd/system-preset/20-network.preset
    content: |
      disable systemd-networkd*
# Every instance makes SSH host keys of its own: those of the package are taken out of the image.
- write:
    path: /etc/systemd/system/ssh-host-keys.service
    content: |
      [Unit]
      Description=Make the SSH host keys of this instance
      Before=ssh.service
      ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key

      [Service]
      Type=oneshot
      ExecStart=/usr/bin/ssh-keygen -A

      [Install]
      WantedBy=ssh.service
- enable: ssh-host-keys.service
# An unprivileged container may not mount these.
- mask: [sys-kernel-config.mount, sys-kernel-debug.mount, sys-kernel-tracing.mount]`

function userSteps(user: string): string {
  return `# Without a password; add authorized-keys: [ssh-ed25519 …] to log in by SSH.
- user: ${flow({ name: user, shell: '/bin/bash', groups: ['sudo'] })}
- write: ${flow({ path: `/etc/sudoers.d/${user}`, mode: '0440', content: `${user} ALL=(ALL:ALL) NOPASSWD: ALL\n` })}`
}

function testsOf({ system, user }: StarterAnswers): readonly string[] {
  return [
    ...(user ? [`- run: ${flow(`id ${user}`)}`] : []),
    ...(system
      ? ['- file: { path: /sbin/init }', '# - boot: { within: 60s }   # needs root, and the package lxc']
      : []),
  ]
}
