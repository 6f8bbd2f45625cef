import type { Step, StepKind } from '../../recipe/steps/registry.ts'
import { groupStep, userStep } from './accounts.ts'
import { augeasStep } from './augeas.ts'
import { capabilitiesStep } from './capabilities.ts'
import { copyStep } from './copy.ts'
import { envStep } from './env.ts'
import { hostnameStep } from './hostname.ts'
import { packagesStep } from './packages.ts'
import { removeStep } from './remove.ts'
import { runStep } from './run.ts'
import { symlinkStep } from './symlink.ts'
import { timezoneStep } from './timezone.ts'
import type { StepContext, StepRunner } from './types.ts'
import { enableStep, maskStep } from './units.ts'
import { writeStep } from './write.ts'

/** What does each kind of step; their forms are in recipe/steps. */
const runners: { readonly [Kind in StepKind]: StepRunner<Kind> } = {
  packages: packagesStep,
  run: runStep,
  copy: copyStep,
  write: writeStep,
  symlink: symlinkStep,
  remove: removeStep,
  user: userStep,
  group: groupStep,
  capabilities: capabilitiesStep,
  augeas: augeasStep,
  enable: enableStep,
  mask: maskStep,
  hostname: hostnameStep,
  timezone: timezoneStep,
  env: envStep,
}

export interface BoundStep {
  readonly title: string
  inputs(recipeFolder: string, memory: string): Promise<unknown>
  apply(context: StepContext): Promise<void>
}

/** A step with its runner: the compiler cannot see that kind and value belong together, the registry's type does. */
export function bindStep(step: Step): BoundStep {
  const runner = runners[step.kind] as StepRunner<StepKind>
  return {
    title: runner.title(step.value),
    inputs: async (recipeFolder, memory) => await runner.inputs?.(step.value, recipeFolder, memory),
    apply: async (context) => await runner.apply(step.value, context),
  }
}
