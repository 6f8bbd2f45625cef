import type { Step, StepKind } from '../../recipe/steps/registry.ts'
import type { StepContext, StepRunner } from './types.ts'

/** What does each kind of step, loaded when it is wanted; their forms are in recipe/steps. */
const runners: { readonly [Kind in StepKind]: () => Promise<StepRunner<Kind>> } = {
  packages: async () => (await import('./packages.ts')).packagesStep,
  run: async () => (await import('./run.ts')).runStep,
  copy: async () => (await import('./copy.ts')).copyStep,
  write: async () => (await import('./write.ts')).writeStep,
  symlink: async () => (await import('./symlink.ts')).symlinkStep,
  remove: async () => (await import('./remove.ts')).removeStep,
  user: async () => (await import('./accounts.ts')).userStep,
  group: async () => (await import('./accounts.ts')).groupStep,
  capabilities: async () => (await import('./capabilities.ts')).capabilitiesStep,
  augeas: async () => (await import('./augeas.ts')).augeasStep,
  enable: async () => (await import('./units.ts')).enableStep,
  mask: async () => (await import('./units.ts')).maskStep,
  hostname: async () => (await import('./hostname.ts')).hostnameStep,
  timezone: async () => (await import('./timezone.ts')).timezoneStep,
  env: async () => (await import('./env.ts')).envStep,
}

export interface BoundStep {
  readonly title: string
  inputs(recipeFolder: string, memory: string): Promise<unknown>
  apply(context: StepContext): Promise<void>
}

/** A step with its runner: the compiler cannot see that kind and value belong together, the registry's type does. */
export async function bindStep(step: Step): Promise<BoundStep> {
  const runner = (await runners[step.kind]()) as StepRunner<StepKind>
  return {
    title: runner.title(step.value),
    inputs: async (recipeFolder, memory) => await runner.inputs?.(step.value, recipeFolder, memory),
    apply: async (context) => await runner.apply(step.value, context),
  }
}
