import type { StepRunner } from './types.ts'

/** Nothing is done to the tree: the build gives the variables to all steps that follow, and to the image. */
export const envStep: StepRunner<'env'> = {
  title: (variables) => `env: ${Object.keys(variables).join(', ')}`,
  async apply() {},
}
